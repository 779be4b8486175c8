"""How requests wait for a store that is away, in a time that the tests turn on by hand."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from domain.errors import NotRegistered
from domain.ports import StoreUnavailable
from entrypoints.http.patience import Patience


class HandTurnedClock:
    """Time passes when the test says so."""

    def __init__(self) -> None:
        self.passed_s = 0.0
        self._sleepers: dict[asyncio.Event, float] = {}

    def now(self) -> datetime:
        return datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=self.passed_s)

    def monotonic(self) -> float:
        return self.passed_s

    async def sleep(self, seconds: float) -> None:
        woken = asyncio.Event()
        self._sleepers[woken] = self.passed_s + seconds
        try:
            await woken.wait()
        finally:
            del self._sleepers[woken]

    async def advance(self, seconds: float) -> None:
        """Let time pass, and everybody do what they do in it."""
        until = self.passed_s + seconds
        while True:
            await settled()
            due = [woken for woken, end in self._sleepers.items() if end <= until]
            if not due:
                self.passed_s = until
                return
            first = min(due, key=lambda woken: self._sleepers[woken])
            self.passed_s = self._sleepers[first]
            first.set()


async def settled() -> None:
    """Return when nobody has anything left to do at this moment."""
    for _ in range(20):
        await asyncio.sleep(0)


@pytest.fixture
def clock() -> HandTurnedClock:
    return HandTurnedClock()


class Store:
    """A call that fails while the store is away."""

    def __init__(self) -> None:
        self.away = True
        self.calls = 0

    async def __call__(self) -> str:
        self.calls += 1
        if self.away:
            raise StoreUnavailable("away")
        return "done"


class Hanging:
    """A call that never ends by itself."""

    def __init__(self) -> None:
        self.begun = asyncio.Event()
        self.cancelled = asyncio.Event()

    async def __call__(self) -> None:
        self.begun.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            self.cancelled.set()
            raise


async def test_the_result_comes_out(clock: HandTurnedClock) -> None:
    store = Store()
    store.away = False
    assert await Patience(clock).insist(store) == "done"
    assert await Patience(clock).bounded(store) == "done"


async def test_a_store_that_comes_back_in_time_is_waited_for(clock: HandTurnedClock) -> None:
    store = Store()
    request = asyncio.create_task(Patience(clock).insist(store))
    await clock.advance(7.6)
    assert not request.done()
    assert store.calls > 20
    store.away = False
    await clock.advance(0.3)
    assert await request == "done"


async def test_a_store_that_stays_away_is_given_up_after_8_s(clock: HandTurnedClock) -> None:
    request = asyncio.create_task(Patience(clock).insist(Store()))
    await clock.advance(7.9)
    assert not request.done()
    await clock.advance(0.1)
    with pytest.raises(StoreUnavailable, match="within 8 s"):
        await request


@pytest.mark.parametrize("way", ["insist", "bounded"])
async def test_a_call_that_hangs_is_given_up_and_cancelled(clock: HandTurnedClock, way: str) -> None:
    hanging = Hanging()
    request = asyncio.create_task(getattr(Patience(clock), way)(hanging))
    await clock.advance(7.9)
    assert not request.done()
    await clock.advance(0.1)
    with pytest.raises(StoreUnavailable, match="within 8 s"):
        await request
    await hanging.cancelled.wait()


async def test_without_insisting_the_first_failure_comes_out(clock: HandTurnedClock) -> None:
    with pytest.raises(StoreUnavailable, match="away"):
        await Patience(clock).bounded(Store())


async def test_another_error_comes_out_at_once(clock: HandTurnedClock) -> None:
    calls = 0

    async def action() -> None:
        nonlocal calls
        calls += 1
        raise NotRegistered("1")

    with pytest.raises(NotRegistered):
        await Patience(clock).insist(action)
    assert calls == 1


async def test_a_cancelled_request_takes_its_call_with_it(clock: HandTurnedClock) -> None:
    hanging = Hanging()
    request = asyncio.create_task(Patience(clock).insist(hanging))
    await hanging.begun.wait()
    request.cancel()
    with pytest.raises(asyncio.CancelledError):
        await request
    await hanging.cancelled.wait()
