"""What the conformance suite needs of a store besides the ports: the frontend's side, and a hand on time."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from typing import Protocol

from application.outbox import Outbox
from application.ports import AuditLog, ReplicaBoard, Tallies, WaitingUsers
from domain.ports import BlockStore, DispatchQueue, QueuePositions, RecordWatch, TaskListing, TaskStore
from domain.record import Record

ROUTES = ("rm", "*")
"""Whose ends the stores tell: each of ``rm``, and those of all other services, by a route of their own."""


class FrontendRecords(Protocol):
    """The records as dms-frontend handles them: no transaction, no check."""

    async def read(self, task_id: str) -> Record | None:
        """Return the record as it stands."""
        ...

    async def write(self, record: Record, ttl_s: float) -> None:
        """Save a whole record over whatever is there."""
        ...

    async def delete(self, task_id: str) -> bool:
        """Delete the record."""
        ...


class StoreHarness(Protocol):
    """An empty store, and ways to let time pass for one thing at a time.

    Stores measure leases and times to live by clocks of their own, which a test cannot turn for all adapters alike.
    """

    @property
    def patience_s(self) -> float:
        """How long to wait for news before they count as lost, in seconds."""
        ...

    @property
    def tasks(self) -> TaskStore: ...

    @property
    def queue(self) -> DispatchQueue: ...

    @property
    def positions(self) -> QueuePositions: ...

    @property
    def blocks(self) -> BlockStore: ...

    @property
    def board(self) -> ReplicaBoard: ...

    @property
    def waiting_users(self) -> WaitingUsers: ...

    @property
    def tallies(self) -> Tallies: ...

    @property
    def audit(self) -> AuditLog: ...

    @property
    def outbox(self) -> Outbox: ...

    @property
    def listing(self) -> TaskListing: ...

    @property
    def frontend(self) -> FrontendRecords: ...

    def watch(self) -> RecordWatch:
        """Return the watch of one more replica."""
        ...

    def now(self) -> datetime:
        """Return the moment at which the store was opened or a little later, by the clock that retries go by."""
        ...

    async def come_due(self, moment: datetime) -> None:
        """Let every retry up to ``moment`` become due."""
        ...

    async def expire_lease(self, task_id: str) -> None:
        """Let a lease end now, later than those that were ended so before."""
        ...

    async def lease_left_s(self, task_id: str) -> float:
        """Return how long a lease still lasts, in seconds; negative when it has ended."""
        ...

    async def expire_record(self, task_id: str) -> None:
        """Let a record's time to live be over, and return when the record has gone."""
        ...

    async def record_ttl_s(self, task_id: str) -> float | None:
        """Return how long a record still lives, in seconds; None for a record that stays or does not exist."""
        ...

    async def ledger_ttl_s(self, task_id: str) -> float | None:
        """Return how long a ledger still lives, in seconds; None for a ledger that stays or does not exist."""
        ...

    @property
    def window_s(self) -> float:
        """How long a recovery window lasts, in seconds."""
        ...

    async def save(self) -> object:
        """Return the present state, as a replica of the store's server would have it."""
        ...

    async def fail_over(self, saved: object) -> None:
        """Let the server be another one, which has what was saved and lacks all later writes; None has nothing."""
        ...

    async def end_window(self) -> None:
        """Let the recovery window be over."""
        ...

    async def end_blocks(self, moment: datetime) -> None:
        """Let every block that ends by itself up to ``moment`` be over; those of later ends stay."""
        ...

    async def silence(self, owner: str) -> None:
        """Let what a process has announced be over."""
        ...

    async def fill_outbox(self, route: str, number: int) -> None:
        """Let so many notifications that nobody will ever claim wait on a route."""
        ...

    async def age_outbox(self, seconds: float) -> None:
        """Let all that waits in the outbox have been written, and be due, ``seconds`` earlier."""
        ...

    async def age_ended(self, seconds: float) -> None:
        """Let all that has ended have ended ``seconds`` earlier."""
        ...


OpenStore = Callable[[], AbstractAsyncContextManager[StoreHarness]]
"""Opens an empty store and closes it again."""
