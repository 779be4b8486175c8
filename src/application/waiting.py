"""Waiting for whichever comes first, by the clock that is driven."""

from __future__ import annotations

import asyncio

from domain.ports import Clock


async def happens_within(event: asyncio.Event, seconds: float, clock: Clock) -> bool:
    """Return as soon as ``event`` is set, at the latest after ``seconds``: whether it is set."""
    waits = [asyncio.create_task(event.wait()), asyncio.create_task(clock.sleep(seconds))]
    try:
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for wait in waits:
            wait.cancel()
    return event.is_set()
