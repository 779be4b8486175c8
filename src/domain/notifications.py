"""Telling other programs that a task has ended: once for each end, and again until it is heard, within bounds."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass

from domain.task import Task

DEFAULT_ROUTE = "*"
"""The route of all services that have none of their own; no service can have this name in the settings."""

DIGEST_DIGITS = 16


@dataclass(frozen=True, slots=True)
class Notification:
    """Word of a task's end for one receiver."""

    id: str
    """The same for every try. Letters, digits and underscores, for a signature separates it by a dot."""
    route: str
    """Names the receiver: a service, or :data:`DEFAULT_ROUTE`."""
    body: str
    """What the receiver gets, byte for byte the same in every try."""


NotificationOf = Callable[[Task | None, Task], Notification | None]
"""Given a ledger before and after a change, return what is to be told of it. Pure: it is asked at every commit."""


def has_ended_anew(before: Task | None, after: Task) -> bool:
    """Whether ``after`` is an end that ``before`` was not: of this generation, of this very task, with this outcome.

    An outcome changes only where it is written again over another that came after a fail-over had lost it.
    """
    if not after.is_terminal:
        return False
    if before is None or before.status is not after.status:
        return True
    return before.generation != after.generation or not before.incarnation.is_same_as(after.incarnation)


def notification_id(task: Task) -> str:
    """Return the id of a task's end: another one for another generation, outcome, or task that has the same number.

    A fail-over of the store may lose an end, so that the task ends once more. If it ends otherwise then, that is news.
    """
    of = task.incarnation
    text = "\0".join((of.service, of.user_id, of.created_at, task.status))
    # Records are foreign text: what is no Unicode that can be encoded must not break a commit.
    digest = hashlib.sha256(text.encode("utf-8", "backslashreplace")).hexdigest()[:DIGEST_DIGITS]
    return f"dms_{task.task_id}_{task.generation}_{digest}"


@dataclass(frozen=True, slots=True)
class DeliveryPolicy:
    """When a notification that was not taken is sent again. Times in seconds."""

    base_s: float = 5.0
    """The pause after the first try; each further one is twice as long."""
    cap_s: float = 3600.0
    give_up_s: float = 86_400.0
    """Counted from the end of the task. The last try comes then, and not before."""

    def pause(self, tries: int, age_s: float, jitter: float) -> float | None:
        """Return how long to wait after the ``tries``-th failed try (1 for the first), or None to give up.

        ``age_s``: how old the notification is. ``jitter`` in [0, 1) spreads those that failed together over the upper
        half of the backoff.
        """
        left = self.give_up_s - age_s
        if left <= 0:
            return None
        # The exponent is bounded before the power is taken, so that no count of tries overflows.
        backoff = min(self.cap_s, self.base_s * 2.0 ** min(tries - 1, 60))
        return min(left, backoff * (0.5 + jitter / 2))
