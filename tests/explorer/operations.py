"""What can be asked of the stores, as values that can be played on any of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import domain.blocks
from domain.dispatch import Limits
from domain.ports import Admission, QueueOverview
from domain.record import Record
from domain.task import Task
from domain.values import Lease
from tests.explorer.stores import Find, Ref, Stores
from tests.explorer.turns import EVERYTHING, NOTHING, task_thing

RECORD_TTL_S = 100_000.0


@dataclass(frozen=True, slots=True)
class Load:
    """`TaskStore.load`."""

    task_ids: tuple[str, ...]
    writes = NOTHING

    @property
    def reads(self) -> frozenset[str]:
        return frozenset(map(task_thing, self.task_ids))

    async def play(self, on: Stores, find: Find) -> object:
        return await on.tasks.load(self.task_ids)


@dataclass(frozen=True, slots=True)
class LoadForSubmit:
    """`TaskStore.load_for_submit`."""

    task_id: str
    user_id: str
    writes = NOTHING

    @property
    def reads(self) -> frozenset[str]:
        return frozenset({task_thing(self.task_id), "blocks"})

    async def play(self, on: Stores, find: Find) -> object:
        return await on.tasks.load_for_submit(self.task_id, self.user_id)


@dataclass(frozen=True, slots=True)
class Commit:
    """`TaskStore.commit`."""

    before: Ref
    task: Task | None
    record: Record | None
    admission: Admission | None
    announce: bool
    reads = NOTHING
    writes = EVERYTHING

    async def play(self, on: Stores, find: Find) -> object:
        return await on.tasks.commit(
            find(self.before), self.task, self.record, admission=self.admission, announce=self.announce
        )


@dataclass(frozen=True, slots=True)
class Claim:
    """`DispatchQueue.claim`."""

    owner: str
    nonces: tuple[str, ...]
    limits: Limits
    lease_s: float
    reads = NOTHING
    writes = EVERYTHING

    async def play(self, on: Stores, find: Find) -> object:
        return await on.queue.claim(self.owner, self.nonces, self.limits, self.lease_s)


@dataclass(frozen=True, slots=True)
class TakeOver:
    """`DispatchQueue.take_over`."""

    owner: str
    nonces: tuple[str, ...]
    lease_s: float
    reads = NOTHING
    writes = EVERYTHING

    async def play(self, on: Stores, find: Find) -> object:
        return await on.queue.take_over(self.owner, self.nonces, self.lease_s)


@dataclass(frozen=True, slots=True)
class Renew:
    """`DispatchQueue.renew`."""

    leases: Mapping[str, Lease]
    lease_s: float
    reads = NOTHING
    writes = EVERYTHING

    async def play(self, on: Stores, find: Find) -> object:
        return await on.queue.renew(self.leases, self.lease_s)


@dataclass(frozen=True, slots=True)
class Overview:
    """`DispatchQueue.overview`, once the retries that are due wait with the others: any claim sees to that."""

    reads = NOTHING
    writes = EVERYTHING

    async def play(self, on: Stores, find: Find) -> object:
        await on.queue.claim("nobody", (), Limits(), 1.0)
        found = await on.queue.overview()
        waiting = {lane: count for lane, count in found.waiting.items() if count}
        at_work = {service: count for service, count in found.at_work.items() if count}
        return QueueOverview(waiting, found.delayed, at_work, tuple(found.heads))


@dataclass(frozen=True, slots=True)
class Block:
    """`BlockStore.set_user`, or `set_everybody` where no user is named."""

    user_id: str | None
    blocked: bool
    reads = NOTHING
    writes = EVERYTHING

    async def play(self, on: Stores, find: Find) -> object:
        block = domain.blocks.Block() if self.blocked else None
        if self.user_id is None:
            await on.blocks.set_everybody(block)
        else:
            await on.blocks.set_user(self.user_id, block)
        return None


@dataclass(frozen=True, slots=True)
class ReadRecord:
    """A frontend reads."""

    task_id: str
    writes = NOTHING

    @property
    def reads(self) -> frozenset[str]:
        return frozenset({task_thing(self.task_id)})

    async def play(self, on: Stores, find: Find) -> object:
        return await on.records.read(self.task_id)


@dataclass(frozen=True, slots=True)
class SaveRecord:
    """A frontend saves, whatever is there."""

    record: Record
    reads = NOTHING

    @property
    def writes(self) -> frozenset[str]:
        return frozenset({task_thing(self.record.task_id)})

    async def play(self, on: Stores, find: Find) -> object:
        await on.records.write(self.record, RECORD_TTL_S)
        return None


@dataclass(frozen=True, slots=True)
class DeleteRecord:
    """A frontend deletes."""

    task_id: str
    reads = NOTHING

    @property
    def writes(self) -> frozenset[str]:
        return frozenset({task_thing(self.task_id)})

    async def play(self, on: Stores, find: Find) -> object:
        return await on.records.delete(self.task_id)


@dataclass(frozen=True, slots=True)
class TimePasses:
    """No call, but leases expire by it."""

    seconds: float
    ended: tuple[str, ...]
    reads = NOTHING
    writes = EVERYTHING

    async def play(self, on: Stores, find: Find) -> object:
        await on.time.passes(self.seconds, self.ended)
        return None
