"""Kinds of failures: few, whatever movers and clusters say, so that failures can be counted by them.

A failure is told in words (docs/movers.md, docs/kubernetes.md): first what it means, then what the program said. The
kind follows from the first alone, for the second names files, and what users call those decides nothing.
"""

from __future__ import annotations

import re
from enum import StrEnum

from domain.stages import FailedFor
from domain.task import Task
from domain.values import TaskStatus
from domain.why import stage_of


class FailureKind(StrEnum):
    """What kind of reason a task failed for."""

    REFUSED = "refused"
    """It could not be run as it was asked for."""
    MISSING = "missing"
    """A file or directory, or the user's account, does not exist."""
    PERMISSION = "permission"
    """The user may not read or write there."""
    NO_SPACE = "no_space"
    """The target is full, or its quota is used up, or it cannot hold such a file."""
    STORAGE = "storage"
    """The storage reported errors, or did not answer."""
    IN_USE = "in_use"
    """Something in the tree was in use, or changed while it was copied."""
    RESOURCES = "resources"
    """Memory, open files or a quota of the cluster ran out."""
    TIME_LIMIT = "time_limit"
    """It ran for longer than it may."""
    UNSCHEDULABLE = "unschedulable"
    """The cluster found no place for it in time, or did not start it there."""
    CLUSTER = "cluster"
    """The cluster refused the work, or does not work."""
    INTERRUPTED = "interrupted"
    """The work was ended from outside: by a node, by somebody else, or with its scheduler."""
    OTHER = "other"
    """The mover's own words, and what is not known here."""


_BY_A_PROGRAM = re.compile(r"\A\S+ (?:ended with exit code|was killed by signal) [0-9]+: ")
"""How the failure of a container begins; what it means comes behind."""

_WORDS = (
    (FailureKind.MISSING, r"a file or directory does not exist|there is no |user .{1,300} has no account"),
    (FailureKind.PERMISSION, r"permission denied|the system does not permit|the target's file system is read-only"),
    (FailureKind.NO_SPACE, r"the target's file system is full|the quota of the target's file system"),
    (FailureKind.NO_SPACE, r"a (?:file|name) is (?:larger|longer) than the target's file system can hold"),
    (FailureKind.STORAGE, r"the storage |the connection to the storage |a copy differed from its source"),
    (FailureKind.IN_USE, r"something in the tree is in use|the source kept changing"),
    (FailureKind.RESOURCES, r"the machine is short of |ran out of memory|the namespace's quota is used up"),
    (FailureKind.RESOURCES, r"the supervisor could not be started"),
    (FailureKind.TIME_LIMIT, r"stopped because it ran longer than "),
    (FailureKind.UNSCHEDULABLE, r"unschedulable for |not started within |the image (?:cannot|could not) be pulled"),
    (FailureKind.CLUSTER, r"the cluster (?!ended)|an admission |the scheduler lacks the right|failed on the cluster"),
    (FailureKind.CLUSTER, r"the container cannot be made|conflict: "),
    (FailureKind.INTERRUPTED, r"evicted from its node|the cluster ended pod |its work(?:load)? |the work broke off"),
    (FailureKind.INTERRUPTED, r"the scheduler |\S+ was killed by signal "),
    (FailureKind.REFUSED, r"the (?:source|target) "),
)
_PATTERNS = tuple((kind, re.compile(words, re.IGNORECASE)) for kind, words in _WORDS)

_SYSTEM = (
    (FailureKind.MISSING, r"no such file or directory|not a directory"),
    (FailureKind.PERMISSION, r"permission denied|operation not permitted|read-only file system"),
    (FailureKind.NO_SPACE, r"no space left on device|disk quota exceeded|file too large|file name too long"),
    (FailureKind.STORAGE, r"(?:remote i/o|input/output) error|stale (?:nfs )?file handle|connection timed out"),
)
_SYSTEM_PATTERNS = tuple(
    (kind, re.compile(rf": (?:{words})(?: \(given up.*)?\Z", re.IGNORECASE)) for kind, words in _SYSTEM
)
"""How a refusal of the supervisor's ends: the path first, then the system's own word."""


def failure_of(task: Task) -> FailureKind | None:
    """Return the kind of reason for which a task has failed; None where it has not."""
    if task.status is not TaskStatus.FAILED:
        return None
    stage = stage_of(task)
    assert isinstance(stage, FailedFor)
    return kind_of_failure(stage.failure) if stage.attempts else FailureKind.REFUSED


def kind_of_failure(words: str) -> FailureKind:
    """Return what kind of failure an executor tells of."""
    meaning = _BY_A_PROGRAM.sub("", words, count=1)
    for said, patterns in ((meaning, _PATTERNS), (words, _PATTERNS)):
        for kind, pattern in patterns:
            if pattern.match(said):
                return kind
    return next((kind for kind, pattern in _SYSTEM_PATTERNS if pattern.search(words)), FailureKind.OTHER)
