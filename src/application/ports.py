"""Ports that only use cases need."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from domain.audit import AuditEvent
from domain.drain import Drains, Presence
from domain.execution import FoundWork
from domain.ports import Executor
from domain.tally import Tally
from domain.values import Priority

AUDIT_KEPT = 10_000
"""How many of operators' latest actions the audit remembers."""

AUDIT_KEPT_OF_TASK = 100
"""How many of those about one task are found by its id."""


class RegisteredTasks(Protocol):
    """The ids that the frontend has registered, as far as its own index knows them."""

    def ids(self) -> AsyncIterator[Sequence[str]]:
        """Yield batches of valid task ids; one may come twice. Raises StoreUnavailable."""
        ...


class Registration(Protocol):
    """Registers tasks exactly as the frontend does (contract §1, §2), for use without one."""

    async def register(self, service: str, user_id: str, parameters: Mapping[str, object]) -> str:
        """Write a new ``pending`` record with its metadata and indexes, and return its id. Raises StoreUnavailable."""
        ...


@dataclass(frozen=True, slots=True)
class AuditPage:
    """Part of the audit, the latest event first. ``cursor`` asks for the next part, and is None at the end."""

    events: Sequence[AuditEvent]
    cursor: str | None


class AuditLog(Protocol):
    """What operators did. The oldest events make room for new ones, so that its size is bounded."""

    async def append(self, event: AuditEvent) -> None:
        """Write an event; one whose nonce was written just now is there already. Raises StoreUnavailable."""
        ...

    async def page(self, cursor: str | None, limit: int) -> AuditPage:
        """Return up to ``limit`` events, latest first.

        Raises StoreUnavailable, and ValueError for a cursor that is not ours.
        """
        ...

    async def of_task(self, task_id: str) -> Sequence[AuditEvent]:
        """Return the latest events about one task, oldest first. Raises StoreUnavailable."""
        ...


@dataclass(frozen=True, slots=True)
class UserWaits:
    """How many of a user's tasks may be claimed, of one priority and service."""

    user_id: str
    priority: Priority
    service: str
    count: int


class WaitingUsers(Protocol):
    """Looks at the queue for people: who has tasks in it, and how many."""

    async def most_per_lane(self, users: int) -> Sequence[UserWaits]:
        """Return up to ``users`` users of each priority and service, those who go next first.

        The cost does not depend on how many tasks wait. Tasks that wait for their retry are not counted.
        """
        ...


class Tallies(Protocol):
    """What commits have counted (:mod:`domain.tally`), for people: it may lag, and decides nothing.

    Every commit adds to it atomically, at the minute of the clock of whoever commits. Minutes are remembered for a day
    and an hour, bytes of users for a week and a quarter of a day. Both methods may raise StoreUnavailable.
    """

    async def by_minute(self, minutes: range) -> Mapping[int, Tally]:
        """Return what was counted in each of these minutes, without those in which nothing happened."""
        ...

    async def moved(self, quarters: range, users: Collection[str], most: int) -> Mapping[str, Sequence[int]]:
        """Return the bytes that were moved for each user in each of these quarters of a day, in their order.

        It tells of ``users``, and of the ``most`` for whom most was moved in any one of the quarters. The cost depends
        on both numbers alone, not on how many users there are.
        """
        ...


@runtime_checkable
class OutlivingWork(Protocol):
    """What an executor whose work outlives us knows of all such work. Both may raise ExecutorUnavailable."""

    async def at_work(self) -> Sequence[FoundWork]:
        """Return the work that has not ended and is not being removed."""
        ...

    async def remove(self, work: FoundWork) -> None:
        """Have it removed; one that is gone already is no error."""
        ...


@runtime_checkable
class KnowsServices(Protocol):
    """An executor that can tell which services there are."""

    @property
    def services(self) -> frozenset[str]:
        """Those that it knows by name; it may take others too."""
        ...


def services_of(executor: Executor) -> frozenset[str]:
    """Return the services that an executor knows by name: few, whatever users may send."""
    return executor.services if isinstance(executor, KnowsServices) else frozenset()


class Claims(Protocol):
    """What a use case needs to know of the dispatcher of its own process."""

    @property
    def has_room(self) -> bool:
        """Whether a task that may run would be claimed here at once."""
        ...

    def wake(self) -> None:
        """Something may be claimed."""
        ...


class ReplicaBoard(Protocol):
    """Where the replicas are known to one another, and to operators, with what is to be drained.

    Every method may raise :class:`~domain.ports.StoreUnavailable`, and may be called again then.
    """

    async def announce(self, presence: Presence, for_s: float) -> bool:
        """Say that a process is there, for the next ``for_s`` seconds; return whether it is to claim nothing.

        One round trip, whatever the number of replicas and drains; it works while the store is out of memory too.
        """
        ...

    async def withdraw(self, owner: str) -> None:
        """Say that a process is gone."""
        ...

    async def present(self) -> Sequence[Presence]:
        """Return the processes that are there, by the names of replica and owner."""
        ...

    async def drain_everything(self, drained: bool) -> None:
        """Drain all replicas, or lift that drain; those that are drained by name stay drained."""
        ...

    async def drain_replica(self, name: str, drained: bool) -> None:
        """Drain one replica by name, or lift that drain. Raises TooManyDrained."""
        ...

    async def drains(self) -> Drains:
        """Return the drains in force."""
        ...
