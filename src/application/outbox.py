"""Ports of the application: where notifications wait, who sends them, and who counts that."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from domain.notifications import Notification

MOST_WAITING = 10_000
"""Notifications of one route that wait at once; more are dropped, and counted."""

LONGEST_FAILURE = 300
"""Characters of the reason why a delivery failed."""


@dataclass(frozen=True, slots=True)
class Claimed:
    """A notification that this process sends now."""

    notification: Notification
    tries: int
    """Which try this is, 1 for the first. A later claim of the same notification has a higher one."""
    age_s: float
    """How long ago the task ended, in seconds, by the store's clock."""


@dataclass(frozen=True, slots=True)
class Backlog:
    """What an operator should know of one route."""

    waiting: int = 0
    """Notifications that have not been delivered or given up."""
    dropped: int = 0
    """How many found no room, lately: the count begins anew when a route has had nothing to tell for a week."""
    failure: str = ""
    """Why the latest try that failed did so; empty where none has."""
    failed_at: datetime | None = None


class Outbox(Protocol):
    """Where notifications wait, written by the commits that end tasks (:class:`domain.ports.TaskStore`).

    A store is opened with a :data:`~domain.notifications.NotificationOf`. What that returns for a change is written in
    the same atomic step, unless :data:`MOST_WAITING` wait on its route already: then it is dropped, and counted. Order
    is not kept. All methods may raise StoreUnavailable.
    """

    async def claim(self, route: str, most: int, hold_s: float) -> Sequence[Claimed]:
        """Take up to ``most`` notifications that are due. Nobody else gets them for ``hold_s`` seconds.

        A claim whose answer got lost holds what it took for that long.
        """
        ...

    async def remove(self, claimed: Claimed, failure: str = "") -> None:
        """Forget a notification: it was delivered or, with a ``failure``, given up."""
        ...

    async def put_off(self, claimed: Claimed, pause_s: float, failure: str = "") -> None:
        """Let it be due again in ``pause_s`` seconds; ``failure`` says why, where a try has failed.

        Nothing happens where it has been claimed again since, or removed.
        """
        ...

    async def backlog(self, routes: Sequence[str]) -> Mapping[str, Backlog]:
        """Return what waits, by route, at a cost that does not depend on how much."""
        ...


class Result(StrEnum):
    """What came of one try to deliver."""

    DELIVERED = "delivered"
    ANSWERED = "answered"
    """With another status than 2xx."""
    TIMED_OUT = "timed_out"
    UNREACHABLE = "unreachable"
    FORBIDDEN = "forbidden"
    """The receiver's address is none that may be spoken to."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """One try, and why it failed."""

    result: Result
    failure: str = ""
    """For operators; it names no path and no secret."""


class Deliverer(Protocol):
    """Sends notifications."""

    async def __call__(self, notification: Notification) -> Delivery:
        """Send it once, within a bound of its own. What goes wrong is in the answer, never raised."""
        ...


class DeliveryMeter(Protocol):
    """Is told of each happening once. It does no I/O and never raises."""

    def tried(self, result: Result) -> None:
        """A delivery was tried."""
        ...

    def gave_up(self) -> None:
        """A notification was tried for the last time, in vain."""
        ...


class UnmeteredDeliveries:
    """A :class:`DeliveryMeter` that counts nothing."""

    def tried(self, result: Result) -> None: ...

    def gave_up(self) -> None: ...
