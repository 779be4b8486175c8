"""How long tasks stand still when their scheduler dies or is stopped."""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.report import show_json, show_table
from benchmarks.waits import Waits
from domain.logs import line_instant
from domain.task import Task
from domain.values import TaskStatus
from tests.executors.descendants import adopting
from tests.outages.mover import Evidence
from tests.outages.replica import Replica
from tests.outages.stage import Stage, on_stage
from tests.support.redis_server import RedisServer

VICTIMS = 5
KILL_GRACE_S = 2.0
SHUTDOWN_GRACE_S = 5.0
MOST_AFTER_LEASE_S = 1.0
MOST_AFTER_STOP_S = 1.0
OBEDIENT = ""


@dataclass(slots=True)
class Found:
    """All that was measured."""

    kill: Waits
    stop: Waits
    hand_back: Waits
    wrong: int = 0
    """Tasks that did not end as completed, or whose movers met."""


def take_over(*, rounds: int = 3, tasks: int = 15, lease: float = 15.0) -> int:
    """Measure from a scheduler's death or stop until each of its tasks has a mover at work under another one.

    Schedulers are processes of their own with the local executor; a mover that copies nothing notes when it begins.
    kill -9 hits five schedulers at once, whose last renewals are spread evenly over the time between two renewals.
    SIGTERM hits one that runs all the tasks: without a grace for short work, and with the default one, where the time
    counts from the moment at which the task was handed back.

    Args:
        rounds: How many times each.
        tasks: How many are at work in each round; by default about as many as one scheduler takes.
        lease: DMS_LEASE_SECONDS; all other settings have their defaults.
    """
    found = Found(
        kill=Waits("kill -9", lease + MOST_AFTER_LEASE_S),
        stop=Waits("SIGTERM", MOST_AFTER_STOP_S),
        hand_back=Waits("hand-back", MOST_AFTER_STOP_S),
    )
    asyncio.run(_measure(found, rounds, tasks, lease))
    every = (found.kill, found.stop, found.hand_back)
    show_table(
        f"Until {tasks} tasks run again elsewhere, in seconds; lease {lease:g} s, kill grace {KILL_GRACE_S:g} s",
        ("after", "n", "median", "1st quartile", "3rd quartile", "longest", "bound on median"),
        [waits.row() for waits in every],
    )
    within = not found.wrong and all(waits.are_within_bound for waits in every)
    print(f"Tasks that did not end as they should: {found.wrong}. Bounds: {'kept' if within else 'EXCEEDED'}.")
    show_json(
        {
            "benchmark": "take-over",
            "rounds": rounds,
            "lease_s": lease,
            "kill_grace_s": KILL_GRACE_S,
            "kill": found.kill.as_json(),
            "stop": found.stop.as_json(),
            "hand_back": found.hand_back.as_json(),
            "wrong": found.wrong,
            "within_bounds": within,
        }
    )
    return 0 if within else 1


async def _measure(found: Found, rounds: int, tasks: int, lease_s: float) -> None:
    renew_s = lease_s / 3
    async with _stage({"lease_seconds": lease_s, "kill_grace_seconds": KILL_GRACE_S}) as stage:
        for _ in range(rounds):
            victims = await asyncio.gather(
                *(_start_after(stage, number * renew_s / VICTIMS, tasks // VICTIMS) for number in range(VICTIMS))
            )
            async with _heir_of(stage, found, victims, tasks // VICTIMS) as heir:
                await asyncio.sleep(renew_s)  # by then each lease was renewed once, and holds from there
                since = time.time()
                for each in victims:
                    each.kill()
                found.kill.seconds += [begun_at - since for begun_at in await _begun_again(stage, heir)]
        for grace_s in (0.0, SHUTDOWN_GRACE_S):
            for _ in range(rounds):
                victim = await stage.start(slots=tasks, shutdown_grace_seconds=grace_s)
                async with _heir_of(stage, found, [victim], tasks) as heir:
                    since = time.time()
                    await victim.stop()
                    begun = await _begun_again(stage, heir)
                    if grace_s:
                        handed_back = map(_handed_back_at, await stage.tasks())
                        found.hand_back.seconds += [at - back for at, back in zip(begun, handed_back, strict=True)]
                    else:
                        found.stop.seconds += [at - since for at in begun]


@asynccontextmanager
async def _stage(settings: Mapping[str, object]) -> AsyncIterator[Stage]:
    with tempfile.TemporaryDirectory(prefix="dms-benchmark-") as directory, adopting():
        (Path(directory) / "redis").mkdir()
        redis = RedisServer(Path(directory) / "redis")
        redis.start()
        try:
            async with on_stage(redis, Path(directory), OBEDIENT, settings) as stage:
                yield stage
        finally:
            redis.kill()


async def _start_after(stage: Stage, delay_s: float, slots: int) -> Replica:
    await asyncio.sleep(delay_s)
    return await stage.start(slots=slots)


@asynccontextmanager
async def _heir_of(stage: Stage, found: Found, victims: Sequence[Replica], tasks: int) -> AsyncIterator[Replica]:
    """Give each victim its tasks, then start the scheduler that will get them; at the end, let them all end."""
    stage.evidence.clear()
    await asyncio.gather(*(stage.submit(victim, tasks) for victim in victims))
    count = len(stage.evidence)
    await stage.movers_are(count, *victims)
    heir = await stage.start(slots=count)
    yield heir
    stage.gate.let_go(count)
    ended = await stage.all_are(lambda task: task.is_terminal)
    found.wrong += sum(map(_is_wrong, ended, stage.evidence))
    await heir.stop()


async def _begun_again(stage: Stage, heir: Replica) -> list[float]:
    """Return when each task's second mover began, in seconds since the epoch."""
    await stage.movers_are(len(stage.evidence), heir)
    if any(evidence.runs != 2 for evidence in stage.evidence):
        raise RuntimeError("a task was interrupted more than once, or not at all: is the machine too busy?")
    return [evidence.last_begun_at for evidence in stage.evidence]


def _handed_back_at(task: Task) -> float:
    line = next(line for line in task.lines if "Handed back to the queue" in line)
    instant = line_instant(line)
    assert instant is not None
    return instant.timestamp()


def _is_wrong(task: Task, evidence: Evidence) -> bool:
    return task.status is not TaskStatus.COMPLETED or task.saw_cancel or bool(evidence.met)
