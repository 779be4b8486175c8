"""A history that is played again on another store shows where that one differs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from adapters.memory import MemoryDatabase, MemoryDispatchQueue
from domain.ports import Snapshot
from tests.explorer.clock import ExplorerClock
from tests.explorer.exploring import explored
from tests.explorer.history import History
from tests.explorer.replay import difference
from tests.explorer.scenarios import ALL
from tests.explorer.stores import Stores
from tests.explorer.world import memory_stores

CRASH = next(case.scenario for case in ALL if case.scenario.name == "a crash at a take-over")


class TakesNothingOver(MemoryDispatchQueue):
    async def take_over(self, owner: str, nonces: Sequence[str], lease_s: float) -> Sequence[Snapshot]:
        return ()


def fresh() -> tuple[MemoryDatabase, Stores]:
    clock = ExplorerClock()
    database = MemoryDatabase(clock, clock.monotonic)
    return database, memory_stores(database, clock)


def histories() -> list[History]:
    return list(explored(CRASH).histories.values())


HISTORIES = histories()


async def test_a_store_like_the_first_shows_no_difference() -> None:
    for history in HISTORIES:
        _, stores = fresh()
        assert await difference(history, stores) == ""


async def test_a_difference_tells_the_history() -> None:
    database, stores = fresh()
    told = await difference(HISTORIES[0], replace(stores, queue=TakesNothingOver(database)))
    assert "by the other store:  nothing" in told
    assert "take over for" in told
    assert "r1 dies" in told
