"""A store, whichever it is, and what can be asked of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from domain.ports import BlockStore, DispatchQueue, Snapshot, TaskStore
from domain.record import Record


class FrontendSide(Protocol):
    """The records as a frontend handles them."""

    async def read(self, task_id: str) -> Record | None: ...

    async def write(self, record: Record, ttl_s: float) -> None: ...

    async def delete(self, task_id: str) -> bool: ...


class TimeOfLeases(Protocol):
    """Lets time pass, as far as it concerns leases."""

    async def passes(self, seconds: float, ended: tuple[str, ...]) -> None:
        """The leases on ``ended`` have expired by then, in this order; no others have."""
        ...


@dataclass(frozen=True, slots=True)
class Stores:
    """One store, through all of its ports."""

    tasks: TaskStore
    queue: DispatchQueue
    blocks: BlockStore
    records: FrontendSide
    time: TimeOfLeases


@dataclass(frozen=True, slots=True)
class Ref:
    """A snapshot by where it came from: its revision differs from store to store."""

    operation: int
    place: int = 0


Find = Callable[[Ref], Snapshot]


class Operation(Protocol):
    """One call of a port's method."""

    @property
    def reads(self) -> frozenset[str]:
        """What the call looks at, beside what it writes."""
        ...

    @property
    def writes(self) -> frozenset[str]:
        """What the call may change."""
        ...

    async def play(self, on: Stores, find: Find) -> object:
        """Make the call."""
        ...
