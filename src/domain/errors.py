"""Typed errors of the domain: each says what was wrong and, where a person can do something, what to do."""

from __future__ import annotations

from datetime import datetime


class DomainError(Exception):
    """Base of every error that a rule of the domain raises."""


class IllegalTransition(DomainError):
    """The lifecycle has no such step from the task's present status."""

    def __init__(self, task_id: str, action: str, status: str) -> None:
        super().__init__(f"task {task_id} is {status}: cannot {action}")
        self.task_id = task_id
        self.action = action
        self.status = status


class TaskEnded(IllegalTransition):
    """The task is terminal; only an operator's retry moves it."""


class StaleLease(DomainError):
    """The writer's fencing token is not the task's present one: somebody else owns the task now."""

    def __init__(self, task_id: str) -> None:
        super().__init__(f"the lease on task {task_id} was lost to another owner")
        self.task_id = task_id


class Refused(DomainError):
    """A request was refused; nothing changed unless a subclass says so."""


class InvalidTaskId(Refused):
    """The id has not the form that the frontend gives ids, so it must not reach a store."""

    def __init__(self) -> None:
        super().__init__('task_id must be a decimal number of 1 to 20 digits without leading zeros, such as "10"')


class NotRegistered(Refused):
    """No record exists for this id (it was never created, was deleted, or has expired)."""

    def __init__(self, task_id: str) -> None:
        super().__init__(f"task {task_id} is not registered; create it through the frontend first")
        self.task_id = task_id


class IdentityMismatch(Refused):
    """The request names another service, user or parameters than the registered record."""

    def __init__(self, task_id: str, fields: tuple[str, ...]) -> None:
        named = ", ".join(fields)
        super().__init__(f"{named} of task {task_id} differ from the registered record; send what was registered")
        self.task_id = task_id
        self.fields = fields


class AlreadyEnded(Refused):
    """A submit or a change for a task that has ended."""

    def __init__(self, task_id: str, status: str) -> None:
        super().__init__(f"task {task_id} has already ended as {status}; register a new task to run it again")
        self.task_id = task_id
        self.status = status


class NotSubmitted(Refused):
    """The task is registered, but nobody has asked us to run it."""

    def __init__(self, task_id: str) -> None:
        super().__init__(f"task {task_id} is registered but was not submitted yet")
        self.task_id = task_id


class NotRetryable(Refused):
    """A retry of a task that has not ended, or that has done its work."""

    def __init__(self, task_id: str, status: str, *, ended: bool) -> None:
        what = "register a new task to do its work again" if ended else "wait for its end, or cancel it first"
        super().__init__(f"task {task_id} is {status}, and only a failed or cancelled task can be retried; {what}")
        self.task_id = task_id
        self.status = status


class Blocked(Refused):
    """An operator has blocked new submits, for everybody or for this user."""

    def __init__(self, scope: str, user_id: str, reason: str = "", until: datetime | None = None) -> None:
        who = "every user is" if scope == "everybody" else f"user {user_id} is"
        end = f" until {until.isoformat(timespec='seconds')}" if until else ""
        why = f" ({reason})" if reason else ""
        what_to_do = "submit again then" if until else "ask the operators to enable submits"
        super().__init__(f"submits are blocked: {who} blocked by an operator{end}{why}; {what_to_do}")
        self.scope = scope
        self.reason = reason
        self.until = until
        self.user_id = user_id


class InvalidRequest(Refused):
    """The service is unknown or the parameters cannot be run; the task's record ends ``failed``."""


class Overloaded(Refused):
    """There is more to do than can be taken on now. To the frontend this is final: the record ends ``failed``."""


class MalformedRecord(Refused):
    """The shared record is not a document that the contract describes."""
