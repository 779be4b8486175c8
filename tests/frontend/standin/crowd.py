"""Many users at once."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress

from tests.frontend.standin.access import RecordMissing
from tests.frontend.standin.frontend import Frontend

Behaviour = Callable[[Frontend, int], Awaitable[str]]
"""What the user with this number does at a frontend; returns the id of the task."""


async def create_only(frontend: Frontend, number: int) -> str:
    """Create a task, and wait until the frontend has done with it."""
    task_id = await _create(frontend, number)
    await frontend.quiet(task_id)
    return task_id


async def create_and_cancel(frontend: Frontend, number: int) -> str:
    """Create a task, cancel it soon, and wait until the frontend has done with both."""
    task_id = await _create(frontend, number)
    # Where the read endpoint does not show the task yet, the user is told that there is none.
    with suppress(RecordMissing):
        await frontend.cancel(task_id)
    await frontend.quiet(task_id)
    return task_id


async def create_and_delete(frontend: Frontend, number: int) -> str:
    """Create a task, delete it soon, and wait until the frontend has done with both."""
    task_id = await _create(frontend, number)
    with suppress(RecordMissing):
        await frontend.delete(task_id)
    await frontend.quiet(task_id)
    return task_id


async def _create(frontend: Frontend, number: int) -> str:
    return await frontend.create("sync", f"user{number % 7}", {"number": str(number)})


def a_mix(frontend: Frontend, number: int) -> Awaitable[str]:
    """Of ten users one cancels and one deletes."""
    behaviour = {3: create_and_cancel, 7: create_and_delete}.get(number % 10, create_only)
    return behaviour(frontend, number)


async def crowd(
    frontends: Sequence[Frontend], count: int, concurrency: int, behaviour: Behaviour = create_only
) -> list[str]:
    """Let `count` users, `concurrency` of them at a time, do as they do; return the ids of their tasks in order."""
    ids = [""] * count
    numbers = iter(range(count))

    async def one_after_the_other() -> None:
        for number in numbers:
            ids[number] = await behaviour(frontends[number % len(frontends)], number)

    await asyncio.gather(*(one_after_the_other() for _ in range(concurrency)))
    return ids
