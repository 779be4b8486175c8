"""The reasons why a task is not running, or has ended so: a closed set, each with its facts and one sentence."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class RetryAt:
    """It failed for a moment's reason, and waits for the time of its next attempt."""

    retry_at: datetime
    failures: int
    failure: str
    """How the latest attempt ended."""

    @property
    def sentence(self) -> str:
        """For people."""
        when = self.retry_at.isoformat(timespec="seconds")
        return f"it is tried again not before {when}; its latest attempt {self.failure}"


@dataclass(frozen=True, slots=True)
class UserLimit:
    """Its user has as many tasks at work as a user may have."""

    user_id: str
    running: int
    limit: int

    @property
    def sentence(self) -> str:
        """For people."""
        return f"user {self.user_id} has as many tasks at work as a user may have ({self.running} of {self.limit})"


@dataclass(frozen=True, slots=True)
class ServiceLimit:
    """As many tasks of its service are at work as may be."""

    service: str
    running: int
    limit: int

    @property
    def sentence(self) -> str:
        """For people."""
        return f"as many tasks of service {self.service} are at work as may be ({self.running} of {self.limit})"


@dataclass(frozen=True, slots=True)
class HighPriorityFirst:
    """It has low priority, and tasks of high priority may run."""

    next_task_id: str
    next_user_id: str
    waiting: int
    """Tasks that wait with high priority, of services that are not at their limit."""

    @property
    def sentence(self) -> str:
        """For people."""
        named = f"task {self.next_task_id} of user {self.next_user_id} is next"
        return f"its priority is low, and those of high priority go first ({self.waiting} wait): {named}"


@dataclass(frozen=True, slots=True)
class OwnTasksFirst:
    """A user's tasks go in their order, and earlier ones of the same user wait too."""

    next_task_id: str
    earlier: int
    """Earlier tasks of the same user, priority and service; 0 where the next one belongs to another service."""

    @property
    def sentence(self) -> str:
        """For people."""
        more = f" (of its service {self.earlier} go before it)" if self.earlier else ""
        return f"a user's tasks go in their order: task {self.next_task_id} of the same user is next{more}"


@dataclass(frozen=True, slots=True)
class OtherUsersFirst:
    """Other users have fewer tasks at work, or have waited longer for their turn."""

    next_task_id: str
    next_user_id: str
    next_running: int
    """Tasks that the next user has at work."""
    running: int
    """Tasks that the task's own user has at work."""
    users_before: int
    """Users who go before the task's own in its priority and service."""
    earlier: int
    """Earlier tasks of its own user, which go before it when their user's turn has come."""

    @property
    def sentence(self) -> str:
        """For people."""
        fewer = f"has fewer tasks at work ({self.next_running}, its own user {self.running})"
        why = fewer if self.next_running < self.running else "has waited longer"
        return f"it is the turn of user {self.next_user_id}, who {why}: task {self.next_task_id} is next"


@dataclass(frozen=True, slots=True)
class Recovering:
    """Redis was replaced or restarted, and nothing is claimed until what it lacks was written again."""

    @property
    def sentence(self) -> str:
        """For people."""
        return "it is next, and Redis has just failed over: nothing is claimed for some seconds"


@dataclass(frozen=True, slots=True)
class Drained:
    """It is next, and operators let no replica claim anything."""

    everything: bool
    """Whether all replicas are drained, whatever their names."""
    replicas: tuple[str, ...]
    """Those that are drained by name."""

    @property
    def sentence(self) -> str:
        """For people."""
        whom = "all replicas" if self.everything else f"every replica that is there ({', '.join(self.replicas)})"
        return f"it is next, and nothing is claimed: operators drain {whom}"


@dataclass(frozen=True, slots=True)
class NoFreeSlot:
    """It is next, and every slot of every replica is taken."""

    at_work: int
    """Tasks at work over all replicas."""
    slots: int
    """Slots of the replica that answers."""
    free: int
    """How many of those are free: more than 0 only for the moment until the next claim."""

    @property
    def sentence(self) -> str:
        """For people."""
        if self.free > 0:
            return "it is next, and is claimed in a moment"
        return f"it is next, and no slot is free (tasks at work: {self.at_work}; slots of a replica: {self.slots})"


WaitingReason = (
    RetryAt
    | UserLimit
    | ServiceLimit
    | HighPriorityFirst
    | OwnTasksFirst
    | OtherUsersFirst
    | Recovering
    | Drained
    | NoFreeSlot
)
