"""One run of a scenario, from a fresh world to the verdict, for one series of choices."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from dataclasses import dataclass

from tests.explorer.history import History
from tests.explorer.scenario import Scenario, until_all_is_quiet
from tests.explorer.stage import Stage
from tests.explorer.verdict import wrongs_of
from tests.frontend.interleaving import Choices, Interleaver

MOST_ROUNDS = 20
"""Of taking over, claiming and looking, until all tasks have ended: work may be lost a few times before it is done."""


@dataclass(frozen=True)
class Run:
    """What became of it."""

    end: str
    """Each task's status and how often its work began; then what the actors were answered, in their order.

    A "-" stands where the replica died before it answered.
    """
    state: str
    """All that stands in the end, but for times."""
    wrongs: tuple[str, ...]
    history: History


def run(
    scenario: Scenario, choices: Choices, *, prune: bool = True, mutate: Callable[[Stage], None] | None = None
) -> Run:
    """Run it once. ``mutate`` may break something in the fresh world."""
    driver = Interleaver(choices, prune=prune)
    return driver.run(_story(scenario, driver, choices, mutate))


async def _story(
    scenario: Scenario, driver: Interleaver, choices: Choices, mutate: Callable[[Stage], None] | None
) -> Run:
    at = Stage(driver, choices, scenario.settings)
    if mutate is not None:
        mutate(at)
    for task in scenario.tasks:
        await at.register(task)
    for actor in scenario.before:
        await actor.act(at)
    await _race(scenario, at)
    await at.look_at_queue()
    await _come_to_rest(at)
    await at.look_at_tasks()
    await at.look_at_queue()
    return _verdict(at, scenario)


async def _race(scenario: Scenario, at: Stage) -> None:
    if scenario.loses:
        at.replicas[scenario.loses].gate.answers_to_lose = 1
    at.is_racing = True
    at.floor.may_end.set()
    racing = [asyncio.create_task(_act(actor.act, at), name=actor.name) for actor in scenario.actors]
    await until_all_is_quiet()
    at.is_racing = False
    dead = {name for name, replica in at.replicas.items() if replica.gate.is_dead}
    for actor in racing:
        if actor.done():
            if not actor.cancelled():
                actor.result()
        elif dead.isdisjoint(actor.get_name().replace(",", "").split()):
            at.judge.wrongs.append(f"'{actor.get_name()}' never ended")


async def _act(act: Callable[[Stage], object], at: Stage) -> None:
    result = act(at)
    assert asyncio.iscoroutine(result)
    await result


async def _come_to_rest(at: Stage) -> None:
    """Let a replica that lives do what it does by itself, sooner or later: take over, claim, work, look."""
    alive = [
        replica for replica in at.replicas.values() if not replica.gate.is_dead and replica.process.dispatcher.has_room
    ]
    replica = alive[-1]
    for _ in range(MOST_ROUNDS):
        ledgers = at.ledgers()
        await replica.process.reconcile(tuple(at.records))
        if all(task is None or task.is_terminal for task in ledgers.values()):
            return
        if any(task is not None and task.lease is not None for task in ledgers.values()):
            await at.time_passes()
            await replica.process.take_over()
        replica.claim_and_work()
        await until_all_is_quiet()


def _verdict(at: Stage, scenario: Scenario) -> Run:
    ends, wrongs = [], list(at.judge.wrongs)
    for task_id, task in at.ledgers().items():
        runs = at.floor.runs[task_id]
        record = at.world.database.snapshot(task_id).record
        wrongs += wrongs_of(task, record, runs, at.answers, at.history, task_id)
        status = str(task.status) if task else "unknown"
        ends.append(f"{status} {len(runs)}{'' if record else ' deleted'}")
    answers = [at.answers.get(name, "-") for actor in scenario.actors for name in actor.answered]
    end = ", ".join(ends) + (f" ({', '.join(answers)})" if answers else "")
    return Run(end, _state(at), tuple(wrongs), at.history)


def _state(at: Stage) -> str:
    stands: list[object] = []
    for task_id in at.records:
        snapshot = at.world.database.snapshot(task_id)
        task, record = snapshot.task, snapshot.record
        runs = [(each.order.name, each.owner, type(each.outcome).__name__) for each in at.floor.runs[task_id]]
        if task is not None:
            attempts = [(each.number, each.owner, each.outcome) for each in task.attempts]
            stands.append((task.status, task.priority, task.order, attempts, sorted(map(_message, task.lines))))
        shown = None if record is None else (record.status, record.priority, sorted(map(_message, record.logs)))
        stands.append((task_id, shown, runs))
    return repr((stands, at.answers))


def _message(line: str) -> str:
    """Return a line without its time; some messages name one, too."""
    return re.sub(r"[0-9]{4}-[0-9T:+.-]+", "<time>", line)
