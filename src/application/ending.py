"""Ending background tasks for certain."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterable

ASK_AGAIN_S = 0.1


async def end_all(tasks: Iterable[asyncio.Task[None]]) -> None:
    """Cancel the tasks and return when all have ended, whatever they raise on their way.

    Once is not enough: before Python 3.12 ``asyncio.wait_for``, which store clients use for each command, loses a
    cancellation that comes together with its result.
    """
    pending = {task for task in tasks if not task.done()}
    while pending:
        for task in pending:
            task.cancel()
        _, pending = await asyncio.wait(pending, timeout=ASK_AGAIN_S)


async def end_within(tasks: Collection[asyncio.Task[None]], seconds: float) -> None:
    """Return when all have ended: by themselves or, when the time is over, cancelled."""
    if tasks:
        await asyncio.wait(tasks, timeout=seconds)
        await end_all(tasks)
