"""What happens around the replicas: frontends write, time passes, processes die."""

from __future__ import annotations

from dataclasses import replace

from tests.explorer.scenario import Named
from tests.explorer.stage import LEASE_OVER_S, Stage


def overwrites(task_id: str = "1", status: str = "running") -> Named:
    """A frontend's late write: it reads the record, and writes it again with a status and a line."""

    async def act(at: Stage) -> None:
        record = await at.frontend.read(task_id)
        if record is None:
            return
        now = at.world.clock.now().isoformat()
        line = f"{now},Scheduler acknowledged submission"
        await at.frontend.save(replace(record, status=status, updated_at=now, logs=(*record.logs, line)))

    return Named(f"frontend saves {task_id} {status}", act)


def deletes(task_id: str = "1") -> Named:
    """A frontend deletes the record."""

    async def act(at: Stage) -> None:
        await at.frontend.delete(task_id)

    return Named(f"frontend deletes {task_id}", act)


def time_passes(seconds: float = LEASE_OVER_S) -> Named:
    """By default so much that every lease is over."""

    async def act(at: Stage) -> None:
        await at.time_passes(seconds)

    return Named("time passes", act)


def dies(who: str) -> Named:
    """A replica crashes, between any two of its steps."""

    async def act(at: Stage) -> None:
        await at.crash(who)

    return Named(f"{who} dies", act)


def in_turn(*actors: Named) -> Named:
    """One actor that does several things, one after the other."""

    async def act(at: Stage) -> None:
        for actor in actors:
            await actor.act(at)

    answered = tuple(name for actor in actors for name in actor.answered)
    return Named(", then ".join(actor.name for actor in actors), act, answered)
