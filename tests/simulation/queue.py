"""The queue, as one process sees it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from adapters.memory import MemoryDispatchQueue
from domain.dispatch import Limits
from domain.ports import QueueOverview, Snapshot
from domain.values import Lease
from tests.simulation.judge import Judge
from tests.simulation.knowledge import Moment
from tests.simulation.loop import Life
from tests.simulation.weather import Weather
from tests.simulation.wire import Wire, at_once


class SimulatedQueue:
    """Implements :class:`domain.ports.DispatchQueue`."""

    def __init__(self, queue: MemoryDispatchQueue, wire: Wire, judge: Judge, weather: Weather, life: Life) -> None:
        self._queue = queue
        self._weather = weather
        self._strikes = 0
        self._wire = wire
        self._judge = judge
        self._life = life
        self._unanswered: dict[str, tuple[str, ...]] = {}

    async def claim(self, owner: str, nonces: Sequence[str], limits: Limits, lease_s: float) -> Sequence[Snapshot]:
        def act() -> tuple[Moment, Sequence[Snapshot]]:
            claimed = at_once(self._queue.claim(owner, nonces, limits, lease_s))
            self._judge.claimed(owner, nonces, limits, lease_s, claimed)
            if claimed:
                self._strike()
            return self._judge.moment(), claimed

        self._hold_against_rules("claim", nonces)
        moment, claimed = await self._wire.call("claim", "", act)
        del self._unanswered["claim"]
        self._judge.knowledge.was_leased(self._life, moment, claimed)
        return claimed

    async def renew(self, leases: Mapping[str, Lease], lease_s: float) -> frozenset[str]:
        def act() -> frozenset[str]:
            lost = at_once(self._queue.renew(leases, lease_s))
            self._judge.renewed(leases, lease_s, lost)
            if len(leases) > len(lost):
                self._strike()
            return lost

        return await self._wire.call("renew", "", act)

    async def take_over(self, owner: str, nonces: Sequence[str], lease_s: float) -> Sequence[Snapshot]:
        def act() -> tuple[Moment, Sequence[Snapshot]]:
            taken = at_once(self._queue.take_over(owner, nonces, lease_s))
            self._judge.taken_over(owner, lease_s, taken)
            return self._judge.moment(), taken

        self._hold_against_rules("take-over", nonces)
        moment, taken = await self._wire.call("take over", "", act)
        del self._unanswered["take-over"]
        self._judge.knowledge.wrote(self._life, moment, taken)
        return taken

    def _strike(self) -> None:
        self._strikes += 1
        self._weather.strikes_holder(
            self._life, f"{self._life.name}: after it got or renewed a lease ({self._strikes})"
        )

    def _hold_against_rules(self, what: str, nonces: Sequence[str]) -> None:
        """A call whose answer got lost is made again with the same nonces, or what it leased is held by nobody."""
        if self._unanswered.setdefault(what, tuple(nonces)) != tuple(nonces):
            self._judge.fault("a lost call was not repeated", f"{what} of {self._life.name}")

    async def overview(self, heads_per_lane: int = 3) -> QueueOverview:
        return await self._wire.call("overview", "", lambda: at_once(self._queue.overview(heads_per_lane)))
