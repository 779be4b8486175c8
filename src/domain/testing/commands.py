"""Every step of a task's life as a value that can be drawn, printed, and tried on any task."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache

from hypothesis import strategies as st

from domain.task import Task, Token
from domain.testing.documents import results
from domain.testing.identity import priorities
from domain.testing.moments import instants
from domain.values import Lease, Progress, TaskStatus

_OWNERS_WORD = ("token", "at")

_MET: Mapping[str, tuple[str, ...]] = {
    "claim": ("lease",),
    "take_over": ("lease",),
    "dispatch": _OWNERS_WORD,
    "start": _OWNERS_WORD,
    "report": _OWNERS_WORD,
    "complete": _OWNERS_WORD,
    "fail": _OWNERS_WORD,
    "retry_later": _OWNERS_WORD,
    "hand_back": _OWNERS_WORD,
    "lose_owner": _OWNERS_WORD,
    "confirm_cancel": _OWNERS_WORD,
    "request_cancel": ("at",),
    "reopen": ("at",),
    "refuse_retry": ("at",),
    "change_priority": ("at",),
}
"""What each transition takes besides the arguments that are drawn."""

COMMANDS = tuple(_MET)
"""The names of all commands, which are those of :class:`~domain.task.Task`'s transitions."""


@dataclass(frozen=True, slots=True)
class Occasion:
    """What a command meets when its time comes."""

    at: datetime
    token: Token
    """The caller's."""
    lease: Lease
    """A new one, unlike all before."""


@dataclass(frozen=True, slots=True)
class Command:
    """A transition with its arguments. ``stale`` commands come from an owner who has lost the task."""

    name: str
    arguments: Mapping[str, object] = field(default_factory=dict)
    stale: bool = False

    @property
    def is_fenced(self) -> bool:
        """Whether the command carries its caller's token."""
        return "token" in _MET[self.name]

    def apply(self, task: Task, occasion: Occasion) -> Task:
        """Return the task after the command. Raises what the transition raises."""
        met = {name: getattr(occasion, name) for name in _MET[self.name]}
        changed: Task = getattr(task, self.name)(**met, **self.arguments)
        return changed


def commands(*names: str) -> st.SearchStrategy[Command]:
    """Commands of the given names, or of all; legal or not depends on the task that they are tried on.

    Example: ``Command("fail", {"reason": "no such path", "result": None})``, ``Command("dispatch", stale=True)``.
    """
    return _commands(names or COMMANDS)


def progress() -> st.SearchStrategy[Progress]:
    """How far some work is.

    Example: ``Progress(bytes_done=10, bytes_total=100, files_done=1, files_total=3)``.
    """
    counts = st.integers(0, 2**40)
    return st.builds(Progress, counts, counts, counts, counts, st.floats(0, 1e9), st.none() | st.floats(0, 1e9))


def legal_commands(task: Task) -> tuple[str, ...]:
    """Return the names of the commands that the lifecycle (design §2) allows now, to whoever may give them.

    This says a second time, as a table, what the methods of the task say: each is tested against the other.
    """
    anytime = ("request_cancel", "change_priority")
    match task.status:
        case TaskStatus.PENDING if task.lease is None:
            return ("claim", *anytime)
        case TaskStatus.PENDING:
            return ("dispatch", "fail", "hand_back", "lose_owner", "take_over", *anytime)
        case TaskStatus.DISPATCHING:
            return ("start", "report", "fail", "retry_later", "hand_back", "lose_owner", "take_over", *anytime)
        case TaskStatus.RUNNING:
            return ("report", "complete", "fail", "retry_later", "hand_back", "lose_owner", "take_over", *anytime)
        case TaskStatus.CANCEL_REQUESTED:
            at_work = ("start", "report", "complete") if task.is_attempted else ()
            return (*at_work, "confirm_cancel", "fail", "take_over", *anytime)
        case TaskStatus.FAILED | TaskStatus.CANCELLED:
            return ("reopen", "refuse_retry")
        case TaskStatus.COMPLETED:
            return ()


# Built once: building and checking a strategy costs more than drawing from it.
@cache
def _commands(names: tuple[str, ...]) -> st.SearchStrategy[Command]:
    return st.sampled_from(names).flatmap(_command)


def next_command(task: Task) -> str:
    """Return the name of the command that comes next where nothing goes wrong; after the end, any does (refused)."""
    match task.status:
        case TaskStatus.PENDING:
            return "claim" if task.lease is None else "dispatch"
        case TaskStatus.DISPATCHING:
            return "start"
        case TaskStatus.RUNNING | TaskStatus.COMPLETED:
            return "complete"
        case TaskStatus.CANCEL_REQUESTED:
            return "confirm_cancel"
        case TaskStatus.FAILED | TaskStatus.CANCELLED:
            return "reopen"


@cache
def _command(name: str) -> st.SearchStrategy[Command]:
    stale = st.integers(0, 4).map(lambda number: number == 4) if "token" in _MET[name] else st.just(False)
    arguments = st.fixed_dictionaries(_arguments().get(name, {}))
    return st.builds(Command, st.just(name), arguments, stale)


def _arguments() -> dict[str, dict[str, st.SearchStrategy[object]]]:
    reasons = st.sampled_from(("no such path", "first line\nsecond, with a comma")) | st.text(max_size=10)
    maybe_result = st.none() | results()
    return {
        "start": {"job": st.sampled_from(("dms-10-1", "local-7"))},
        "report": {"progress": st.none() | progress(), "result": maybe_result},
        "complete": {"result": results()},
        "fail": {"reason": reasons, "result": maybe_result},
        "retry_later": {"reason": reasons, "retry_at": instants()},
        "hand_back": {"reason": reasons},
        "refuse_retry": {"reason": reasons},
        "lose_owner": {"reason": reasons},
        "confirm_cancel": {"result": maybe_result},
        "change_priority": {"priority": priorities()},
    }
