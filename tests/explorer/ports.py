"""The stores' ports as a replica sees them: every call becomes an operation and goes through the replica's gate."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from typing import cast

from domain.blocks import Block as DomainBlock
from domain.blocks import BlockFlags
from domain.dispatch import Limits
from domain.ports import Admission, BlockPage, QueueOverview, Snapshot, StoreUnavailable
from domain.record import Record
from domain.task import Task
from domain.values import Lease
from tests.explorer.gate import Gate
from tests.explorer.operations import (
    Block,
    Claim,
    Commit,
    DeleteRecord,
    Load,
    LoadForSubmit,
    ReadRecord,
    Renew,
    SaveRecord,
    TakeOver,
)
from tests.explorer.player import Player


class GatedStore:
    """Implements :class:`domain.ports.TaskStore`, as far as use cases need it that are given their ids."""

    def __init__(self, gate: Gate, player: Player) -> None:
        self._gate = gate
        self._player = player

    async def load(self, task_ids: Sequence[str]) -> Sequence[Snapshot]:
        return cast(Sequence[Snapshot], await self._gate.do(Load(tuple(task_ids))))

    async def load_unsettled(self, task_ids: Sequence[str]) -> Sequence[Snapshot]:
        """A store may know nothing of that kind: so more is done here than must be."""
        return await self.load(task_ids)

    async def load_for_submit(self, task_id: str, user_id: str) -> tuple[Snapshot, BlockFlags]:
        return cast(tuple[Snapshot, BlockFlags], await self._gate.do(LoadForSubmit(task_id, user_id)))

    async def commit(
        self,
        before: Snapshot,
        task: Task | None,
        record: Record | None,
        *,
        admission: Admission | None = None,
        announce: bool = True,
    ) -> Snapshot:
        operation = Commit(self._player.ref(before), task, record, admission, announce)
        return cast(Snapshot, await self._gate.do(operation))

    async def secure(self) -> None:
        """Neither the memory store nor the server that histories are replayed on has replicas."""

    def live_ids(self) -> AsyncIterator[Sequence[str]]:
        raise NotImplementedError("nobody sweeps here")

    async def recently_ended_ids(self, within_s: float) -> Sequence[str]:
        raise NotImplementedError("nobody sweeps here")


class GatedQueue:
    """Implements :class:`domain.ports.DispatchQueue`. A replica's nonces begin with its mark, as no other's do."""

    def __init__(self, gate: Gate, mark: str, poll: Callable[[], None]) -> None:
        """``poll`` is called where a claim was not answered: the poll that comes next makes it again."""
        self._gate = gate
        self._mark = mark
        self._poll = poll

    async def claim(self, owner: str, nonces: Sequence[str], limits: Limits, lease_s: float) -> Sequence[Snapshot]:
        try:
            return cast(Sequence[Snapshot], await self._gate.do(Claim(owner, self._marked(nonces), limits, lease_s)))
        except StoreUnavailable:
            self._poll()
            raise

    async def renew(self, leases: Mapping[str, Lease], lease_s: float) -> frozenset[str]:
        return cast(frozenset[str], await self._gate.do(Renew(leases, lease_s)))

    async def take_over(self, owner: str, nonces: Sequence[str], lease_s: float) -> Sequence[Snapshot]:
        return cast(Sequence[Snapshot], await self._gate.do(TakeOver(owner, self._marked(nonces), lease_s)))

    async def overview(self, heads_per_lane: int = 3) -> QueueOverview:
        raise NotImplementedError("nobody looks at the queue here")

    def _marked(self, nonces: Sequence[str]) -> tuple[str, ...]:
        return tuple(f"{self._mark}{nonce}" for nonce in nonces)


class GatedBlocks:
    """Implements :class:`domain.ports.BlockStore`, as far as operators need it who block."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate

    async def set_everybody(self, block: DomainBlock | None) -> None:
        await self._gate.do(Block(None, block is not None))

    async def set_user(self, user_id: str, block: DomainBlock | None) -> None:
        await self._gate.do(Block(user_id, block is not None))

    async def settle_ended(self) -> int:
        raise NotImplementedError("no block ends by itself here")

    async def page(self, cursor: str | None = None, limit: int = 1000) -> BlockPage:
        raise NotImplementedError("nobody lists blocks here")

    async def import_previous(self) -> int:
        raise NotImplementedError("there is no previous scheduler here")


class GatedRecords:
    """The records as a frontend handles them."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate

    async def read(self, task_id: str) -> Record | None:
        """Return the record."""
        return cast(Record | None, await self._gate.do(ReadRecord(task_id)))

    async def save(self, record: Record) -> None:
        """Write the whole record, whatever is there."""
        await self._gate.do(SaveRecord(record))

    async def delete(self, task_id: str) -> None:
        """Delete the record."""
        await self._gate.do(DeleteRecord(task_id))
