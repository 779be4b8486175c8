"""What the scheduler and its supervisor say to one another: a job, then commands one way and events the other.

All are JSON, one document a line. Commands are ``["renew", term_at, kill_at]`` and ``["stop"]``. Instants are seconds
of ``CLOCK_BOOTTIME``, which all processes of a machine share and which goes on while the machine sleeps.
"""

from __future__ import annotations

import json
import os
import time
from typing import Literal, TypedDict

SOURCE, TARGET = "@source@", "@target@"
"""Arguments of a mover that the worker replaces by the paths that it has opened; with ``/`` behind, its content."""

SOURCE_FD, TARGET_FD = 200, 201
"""Where a mover finds the parent directories of its source and target open. High, so that nothing else lands there."""


class Account(TypedDict):
    """The rights to work with."""

    uid: int
    gid: int
    groups: list[int]


class Job(TypedDict):
    """One task's work. Paths are as the user gave them, and have passed the path policy as text."""

    account: Account | None
    """None: the service's own rights."""
    roots: list[str]
    kind: Literal["copy", "remove"]
    source: str
    """Empty where the job is to remove."""
    target: str
    delete: bool
    """Whether what is in the target but not in the source is removed."""
    dry_run: bool
    by_content: bool
    """Whether the mover compares contents instead of times."""
    gone_is_done: bool
    """Whether a target that is not there was removed by an earlier attempt."""
    program: str
    tree_arguments: list[str]
    """The mover's arguments where the source is a directory, its name first."""
    file_arguments: list[str]
    reserved_suffix: str
    """Names that end so have a meaning of their own for the mover, unless they are links. Empty: none has."""
    scratch: bool
    """Whether the mover needs a place for temporary files."""
    settle: bool
    """Whether owners, modes and directories' times are set, and the copy is checked, after the mover."""
    confine: bool
    """Whether the kernel keeps the mover within source and target, where it can."""
    grace_s: float
    """Seconds between TERM and KILL after a stop."""
    term_at: float
    kill_at: float


class Event(TypedDict, total=False):
    """What the supervisor and its worker tell. ``event`` says which of the other fields are there."""

    event: Literal["working", "refused", "progress", "unchanged", "mover", "settled", "removed", "ended"]
    reason: str
    """``refused``: in plain words."""
    files_done: int
    files_total: int
    """``progress`` and ``removed``: of a removal. ``unchanged``: equal on both sides, so that no mover is needed."""
    bytes_done: int
    """``unchanged``: how much that is."""
    code: int | None
    signal: int | None
    """``mover``: how it exited; one of the two is None."""
    confined: bool
    """``working``: whether the kernel keeps the mover within source and target."""
    problems: list[str]
    """``settled``, ``removed``: what is not as it should be, at most :data:`PROBLEMS_TOLD`."""
    more_problems: int
    notes: list[str]
    """``settled``: what was left as it is, which is no failure."""
    cause: Literal["", "stop", "lease", "orphan"]
    """``ended``: why the work was asked to end; empty where it ended by itself."""
    finished: bool
    """``ended``: whether the worker came to its end and told it."""


PROBLEMS_TOLD = 20


def now() -> float:
    """Seconds on the clock that scheduler and supervisor share."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


def tell(event: Event) -> None:
    """Write an event to the scheduler. One that has gone hears nothing, and that is no error."""
    line = json.dumps(event).encode() + b"\n"
    try:
        while line:
            line = line[os.write(1, line) :]
    except OSError:
        pass
