"""The ports of the domain: what a repository, a queue, a watch, an executor and a clock must do.

Adapters implement these protocols; one conformance suite holds all adapters of a port to the same behaviour. Every
async method of a store may raise :class:`StoreUnavailable`.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from domain.blocks import Block, BlockFlags
from domain.dispatch import Limits
from domain.errors import DomainError, MalformedRecord
from domain.execution import Failed, LeaseLapsed, Outcome, Report, WorkOrder
from domain.failures import FailureKind
from domain.position import QueuePosition
from domain.record import Record
from domain.task import Task
from domain.values import Lease, Parameters, Priority, TaskStatus


class ConcurrentChange(DomainError):
    """Somebody else changed the ledger, the record or the blocks since they were loaded: redo with what stands now."""

    def __init__(self, text: str, found: Snapshot | None = None) -> None:
        """``found`` is what stands instead, where the store could tell; otherwise it must be loaded."""
        super().__init__(text)
        self.found = found


class QueueFull(DomainError):
    """As many tasks wait as may wait at once."""


class StoreUnavailable(DomainError):
    """The store did not answer in time or refused the command; nothing is known of what it did."""


class ExecutorUnavailable(DomainError):
    """What does the work did not answer; nothing is known of what it did."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A task's ledger and record as one read of the write endpoint showed them."""

    task_id: str
    task: Task | None
    record: Record | None
    malformed: str = ""
    """Why the record that is there cannot be read; ``record`` is None then, though it was not deleted."""
    revision: object = field(compare=False, default=None)
    """The store's own: what a commit is compared with."""
    recovering: bool = field(compare=False, default=False)
    """Whether it was read within a recovery window: what is absent may have been lost rather than deleted, and what
    is there may be older than what was known."""

    def check_readable(self) -> None:
        """Raise :class:`~domain.errors.MalformedRecord` if the record is there but cannot be read."""
        if self.malformed:
            raise MalformedRecord(f"the record of task {self.task_id} cannot be read: {self.malformed}")

    @property
    def own_task(self) -> Task | None:
        """The ledger's task if the record is its own, not that of another task which got the same id."""
        if self.task is None or self.record is None:
            return None
        return self.task if self.task.incarnation.is_same_as(self.record) else None


@dataclass(frozen=True, slots=True)
class Admission:
    """What must still hold when a submitted task is committed."""

    user_id: str
    """No block keeps this user from submitting."""
    most_waiting: int
    """Fewer tasks than this wait, those that wait for their retry not counted."""


class TaskStore(Protocol):
    """Ledgers (ours alone) and records (shared), changed together. Reads come from the write endpoint."""

    async def load(self, task_ids: Sequence[str]) -> Sequence[Snapshot]:
        """Return a snapshot per id, in order, in one round trip. Ids have passed :func:`valid_task_id`."""
        ...

    async def load_unsettled(self, task_ids: Sequence[str]) -> Sequence[Snapshot]:
        """Return the same without tasks that have ended and stand, ledger and record, as this process left them.

        A store may know only some of those, and return the others too. What anybody has changed since is returned.
        """
        ...

    async def load_for_submit(self, task_id: str, user_id: str) -> tuple[Snapshot, BlockFlags]:
        """Return what a submit must know, in one round trip whatever the number of tasks, users or blocks."""
        ...

    async def commit(
        self,
        before: Snapshot,
        task: Task | None,
        record: Record | None,
        *,
        admission: Admission | None = None,
        announce: bool = True,
    ) -> Snapshot:
        """Write ledger and record in one atomic round trip, move the task in the queue, and return what stands now.

        The record keeps its TTL; a malformed one is left as it is (``record`` is None then). A terminal ledger gets
        the record's remaining TTL + 1 day. No record is created where ``before`` had none. Without ``announce`` other
        replicas are not told of a task that now waits, because the caller's claims it at once.

        A commit whose answer got lost is recognised as done when the store has just what it wrote. A ledger that the
        store lost in a fail-over is written again with the lease and the order that it had (:func:`domain.recovery`);
        such a lease ends at once, though within a recovery window nobody takes it: its owner renews it.

        Raises:
            ConcurrentChange: ledger or record is not as in ``before``, or a block has come in between.
            QueueFull: as many tasks wait as the admission allows; nothing changed.
        """
        ...

    async def secure(self) -> None:
        """Return when what was written so far is on as many replicas of the store as the store was told to wait for.

        A commit that admits waits for this by itself. Raises StoreUnavailable: too few replicas have it.
        """
        ...

    def live_ids(self) -> AsyncIterator[Sequence[str]]:
        """Yield the ids of live tasks in batches; a task that lives all the while comes at least once."""
        ...

    async def recently_ended_ids(self, within_s: float) -> Sequence[str]:
        """Return the ids of tasks that ended within the last ``within_s`` seconds, latest first, 10,000 at most."""
        ...


@dataclass(frozen=True, slots=True)
class QueueOverview:
    """Counts of what waits and runs, and the next tasks in line."""

    waiting: Mapping[tuple[Priority, str], int]
    """Tasks that may be claimed, per priority and service."""
    delayed: int
    """Tasks that wait for their ``retry_at``."""
    at_work: Mapping[str, int]
    """Leased tasks per service."""
    heads: Sequence[QueueHead]


@dataclass(frozen=True, slots=True)
class QueueHead:
    """The first in line of a priority and service."""

    priority: Priority
    service: str
    user_id: str
    task_id: str
    running_of_user: int


class DispatchQueue(Protocol):
    """Who runs next, and who holds what. Its content follows from the ledgers: a commit moves tasks in it.

    Within a recovery window (see :class:`StoreReplaced`) nothing is claimed or taken over.

    A claim or a take-over whose answer got lost is asked for again with the same owner and nonces: it then returns
    what the first call leased and nobody else has taken since, with leases that begin anew, and leases nothing else,
    within a recovery window too. Where the first call leased nothing it is as if it had never been made. An owner
    makes one call of a kind at a time, and nonces are never used for another call.
    """

    async def claim(self, owner: str, nonces: Sequence[str], limits: Limits, lease_s: float) -> Sequence[Snapshot]:
        """Lease the next tasks of the dispatch policy, at most one per nonce, and return them leased.

        Fewer than asked for means that nothing else may run now. The cost does not depend on how many tasks wait.
        """
        ...

    async def renew(self, leases: Mapping[str, Lease], lease_s: float) -> frozenset[str]:
        """Extend leases (task id → lease) by ``lease_s`` from now; return the ids whose lease is no longer this one."""
        ...

    async def take_over(self, owner: str, nonces: Sequence[str], lease_s: float) -> Sequence[Snapshot]:
        """Lease tasks whose lease has expired, at most one per nonce, and return them with their new lease."""
        ...

    async def overview(self, heads_per_lane: int = 3) -> QueueOverview:
        """Return counts and heads for people."""
        ...


class QueuePositions(Protocol):
    """Looks at the queue for people: by the time they read it, the task may stand elsewhere."""

    async def of(self, waiting: Task) -> QueuePosition:
        """Return where a task that waits stands, at a cost that does not depend on how many tasks wait.

        Retries that have become due since the latest claim may not be counted yet.
        """
        ...


@dataclass(frozen=True, slots=True)
class TaskFilter:
    """Which tasks a listing shows; None shows all."""

    status: TaskStatus | None = None
    user_id: str | None = None
    service: str | None = None
    failure: FailureKind | None = None
    """Only tasks that failed for a reason of this kind."""


@dataclass(frozen=True, slots=True)
class Page:
    """Part of a listing. ``cursor`` asks for the next part, and is None at the end."""

    tasks: Sequence[Task]
    cursor: str | None


class TaskListing(Protocol):
    """Listings for people: they may lag behind, and decide nothing."""

    async def page(self, wanted: TaskFilter, cursor: str | None, limit: int) -> Page:
        """Return up to ``limit`` tasks: live ones, then ended ones, the latest first.

        A page may be short of ``limit`` and still have a cursor. Raises ValueError for a cursor that is not ours.
        """
        ...

    async def at_work(self, limit: int) -> Sequence[Task]:
        """Return up to ``limit`` tasks that somebody holds a lease on, by their ids; it costs the same whatever waits.

        Where there are more, which of them is not said.
        """
        ...


@dataclass(frozen=True, slots=True)
class BlockPage:
    """The blocks in force. ``cursor`` asks for more users, and is None at the end."""

    everybody: Block | None
    users: Mapping[str, Block]
    cursor: str | None


class BlockStore(Protocol):
    """The blocks in force. A change is in force on every replica when the call returns."""

    async def set_everybody(self, block: Block | None) -> None:
        """Block everybody, in place of an earlier block, or enable them for None.

        A block that has an end ends by itself, on every replica at that moment of the store's clock.
        """
        ...

    async def set_user(self, user_id: str, block: Block | None) -> None:
        """Block one user, in place of an earlier block, or enable the user for None. It ends as everybody's does."""
        ...

    async def page(self, cursor: str | None = None, limit: int = 1000) -> BlockPage:
        """Return the blocks, users in pages. A page may be short and still have a cursor."""
        ...

    async def settle_ended(self) -> int:
        """Tidy up after blocks that have ended by themselves, and return how many there were.

        Submits do not wait for this; what the previous scheduler would read (contract §5) does.
        """
        ...

    async def import_previous(self) -> int:
        """Take over the previous scheduler's blocks (contract §5) once, and return how many were found."""
        ...


@dataclass(frozen=True, slots=True)
class RecordsChanged:
    """Somebody (perhaps ourselves) wrote or deleted these records or ledgers."""

    task_ids: frozenset[str]


@dataclass(frozen=True, slots=True)
class WorkWaits:
    """Something may be claimed that could not be before."""


@dataclass(frozen=True, slots=True)
class WatchLost:
    """Changes may have been missed: sweep until :class:`WatchProved` comes."""


@dataclass(frozen=True, slots=True)
class WatchProved:
    """The path from the store to us was proved end to end."""


@dataclass(frozen=True, slots=True)
class StoreReplaced:
    """The store is another server than before, or was restarted: it may lack the last writes (design §5).

    A recovery window of ``window_s`` seconds has begun, by that server's clock. In it nothing is claimed or taken over,
    absence is not deletion, and whoever knows of lost ledgers writes them again.
    """

    window_s: float


Notice = RecordsChanged | WorkWaits | WatchLost | WatchProved | StoreReplaced


class RecordWatch(Protocol):
    """Tells at once what somebody else changed."""

    def notices(self) -> AsyncIterator[Notice]:
        """Yield notices for ever. It never raises for a store that is away: it says so and comes back."""
        ...


class Execution(Protocol):
    """One attempt's work, as its owner sees it."""

    @property
    def name(self) -> str:
        """The workload's name, for ``active_jobs``."""
        ...

    def reports(self) -> AsyncIterator[Report | Outcome]:
        """Yield what happens; the last item is the outcome. Asked for once."""
        ...

    async def stop(self) -> None:
        """Ask for the end of the work; the outcome tells whether it was stopped or had finished. Idempotent."""
        ...

    async def extend(self, until: float) -> None:
        """The owner's lease holds until this instant of :meth:`Clock.monotonic`; local work stops by itself then.

        An instant before that of an earlier call changes nothing.
        """
        ...

    async def change_priority(self, priority: Priority) -> None:
        """The task's priority changed; an executor that cannot make use of it ignores it."""
        ...

    async def detach(self) -> None:
        """Let go of the work without stopping it. Called only where the executor says that work outlives us."""
        ...


class Executor(Protocol):
    """Moves the data. It never sees a ledger or a record."""

    @property
    def name(self) -> str:
        """For logs and ``active_jobs``."""
        ...

    @property
    def outlives_us(self) -> bool:
        """Whether work goes on without its scheduler and can be found again."""
        ...

    def check(self, service: str, parameters: Parameters) -> None:
        """Raise :class:`~domain.errors.InvalidRequest`, in plain words, for what could never be run. No I/O."""
        ...

    def is_repeatable(self, service: str) -> bool:
        """Whether the work may be run again from the start after it was interrupted."""
        ...

    async def start(self, order: WorkOrder, until: float) -> Execution | Failed | LeaseLapsed:
        """Start the work and return when it is at work, or why it cannot be.

        ``until`` is when the owner's lease ends, an instant of :meth:`Clock.monotonic`. It is no span of time: a
        process that is frozen on its way here must not start work that somebody else may do by then. Where the
        instant has passed nothing is started, and the lease has lapsed.

        Raises:
            ExecutorUnavailable: it is not known whether the work was started. Only where work outlives us, so that
                :meth:`attach` can tell later.
        """
        ...

    async def attach(self, order: WorkOrder, until: float) -> Execution | None:
        """Find work again that another owner started; None where there is none. ``until`` as for :meth:`start`.

        Raises:
            ExecutorUnavailable: it is not known whether there is any.
        """
        ...


class Clock(Protocol):
    """Time and waiting, so that a test can drive both."""

    def now(self) -> datetime:
        """The moment, in the zone in which log lines are written. It may jump; no lease is measured by it."""
        ...

    def monotonic(self) -> float:
        """Seconds on a clock of this machine that never jumps and does not stand still while the machine sleeps.

        All processes of the machine share it.
        """
        ...

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        ...


class Entropy(Protocol):
    """Randomness, so that a test can choose it."""

    def nonce(self) -> str:
        """An unguessable token part of [0-9a-f] characters."""
        ...

    def jitter(self) -> float:
        """A number in [0, 1)."""
        ...
