"""Bugs, each put on purpose into the stores of a run."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from adapters.memory import MemoryDispatchQueue, MemoryTaskStore
from domain.dispatch import Limits
from domain.ports import Admission, Snapshot
from domain.record import Record
from domain.task import Task
from domain.values import Lease
from tests.explorer.stage import Stage
from tests.explorer.world import ExplorerWorld

Mutation = Callable[[Stage], None]

AGES_S = 1e9


class _ComparesNothing(MemoryTaskStore):
    async def commit(
        self,
        before: Snapshot,
        task: Task | None,
        record: Record | None,
        *,
        admission: Admission | None = None,
        announce: bool = True,
    ) -> Snapshot:
        (now,) = await self.load([before.task_id])
        shown = now.record if record is None or now.record is None else record
        return await super().commit(now, task, shown, admission=admission, announce=announce)


class _AdmitsAll(MemoryTaskStore):
    async def commit(
        self,
        before: Snapshot,
        task: Task | None,
        record: Record | None,
        *,
        admission: Admission | None = None,
        announce: bool = True,
    ) -> Snapshot:
        return await super().commit(before, task, record, announce=announce)


class _TakesOverTooEarly(MemoryDispatchQueue):
    def __init__(self, world: ExplorerWorld) -> None:
        super().__init__(world.database)
        self._clock = world.clock

    async def take_over(self, owner: str, nonces: Sequence[str], lease_s: float) -> Sequence[Snapshot]:
        self._clock.passes(AGES_S)
        try:
            return await super().take_over(owner, nonces, lease_s)
        finally:
            self._clock.passes(-AGES_S)


class _ForgetsWhatItLeased(MemoryDispatchQueue):
    async def claim(self, owner: str, nonces: Sequence[str], limits: Limits, lease_s: float) -> Sequence[Snapshot]:
        # Nonces that it has not seen are those of another call.
        self._calls = getattr(self, "_calls", 0) + 1
        return await super().claim(owner, [f"{nonce}{self._calls:04x}" for nonce in nonces], limits, lease_s)


class _RenewsNothing(MemoryDispatchQueue):
    async def renew(self, leases: Mapping[str, Lease], lease_s: float) -> frozenset[str]:
        return frozenset()


def compares_nothing(at: Stage) -> None:
    """A commit holds whatever has come in between."""
    at.player.stores = replace(at.player.stores, tasks=_ComparesNothing(at.world.database))


def admits_all(at: Stage) -> None:
    """A commit admits a task although a block has come in between."""
    at.player.stores = replace(at.player.stores, tasks=_AdmitsAll(at.world.database))


def takes_over_too_early(at: Stage) -> None:
    """A take-over does not ask whether the lease has expired."""
    at.player.stores = replace(at.player.stores, queue=_TakesOverTooEarly(at.world))


def forgets_what_it_leased(at: Stage) -> None:
    """A claim that is repeated counts as another one."""
    at.player.stores = replace(at.player.stores, queue=_ForgetsWhatItLeased(at.world.database))


def renews_nothing(at: Stage) -> None:
    """A renewal is confirmed, and the store gives the lease away all the same."""
    at.player.stores = replace(at.player.stores, queue=_RenewsNothing(at.world.database))
