"""What a replica does by itself."""

from __future__ import annotations

import asyncio

from domain.values import TaskStatus
from tests.explorer.scenario import Named
from tests.explorer.stage import Stage


def works(who: str) -> Named:
    """A replica claims, works on what it got, and claims again as a dispatcher does."""

    async def act(at: Stage) -> None:
        at.replicas[who].claim_and_work()

    return Named(f"{who} works", act)


def has_begun_work(who: str) -> Named:
    """A replica has claimed, and its work has just begun; for what comes before a race."""

    async def act(at: Stage) -> None:
        at.replicas[who].claim_and_work()
        await at.floor.begun.wait()

    return Named(f"{who} has begun work", act)


def is_at_work(who: str, tasks: int = 1) -> Named:
    """A replica has claimed, and has written that so many tasks run; for what comes before a race."""

    async def act(at: Stage) -> None:
        at.replicas[who].claim_and_work()
        while _running(at) < tasks:  # noqa: ASYNC110 -- nobody tells of commits
            await asyncio.sleep(0)

    return Named(f"{who} is at work", act)


def _running(at: Stage) -> int:
    return sum(task is not None and task.status is TaskStatus.RUNNING for task in at.ledgers().values())


def work_has_ended() -> Named:
    """All work has ended well, and its owners are about to write that; the last thing that comes before a race."""

    async def act(at: Stage) -> None:
        at.floor.end_all()

    return Named("work has ended", act)


def takes_over(who: str) -> Named:
    """A replica takes over what has expired."""

    async def act(at: Stage) -> None:
        replica = at.replicas[who]
        await replica.insist(replica.process.take_over)

    return Named(f"{who} takes over", act)


def renews(who: str) -> Named:
    """A replica renews the leases that it has by then."""

    async def act(at: Stage) -> None:
        replica = at.replicas[who]
        await replica.act("begins to renew")
        await replica.insist(replica.process.keep_leases)

    return Named(f"{who} renews", act)


def shuts_down(who: str) -> Named:
    """A replica is told to end: local work is handed back, other work is let go."""

    async def act(at: Stage) -> None:
        replica = at.replicas[who]
        await replica.act("begins to shut down")
        await replica.process.dispatcher.shut_down()

    return Named(f"{who} shuts down", act)


def looks(who: str, *task_ids: str) -> Named:
    """A replica compares records with ledgers, as it does after word of a change."""

    async def act(at: Stage) -> None:
        replica = at.replicas[who]
        await replica.insist(lambda: replica.process.reconcile(task_ids or ("1",)))

    return Named(f"{who} looks", act)
