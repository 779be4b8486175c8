"""What a failure means: whose it is, in plain words, and whether trying again may help."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

_PERMANENT = (
    ("no space left on device", "the target's file system is full"),
    ("file too big for remaining disk space", "the target's file system is full"),
    ("disk quota exceeded", "the quota of the target's file system is used up"),
    ("permission denied", "permission denied"),
    ("operation not permitted", "the system does not permit it"),
    ("read-only file system", "the target's file system is read-only"),
    ("file too large", "a file is larger than the target's file system can hold"),
    ("file name too long", "a name is longer than the target's file system can hold"),
    ("no such file or directory", "a file or directory does not exist"),
)
"""The system's words for an error, most telling first, and what they mean to the user."""

_TRANSIENT = (
    ("input/output error", "the storage reported an error"),
    ("remote i/o error", "the storage reported an error"),
    ("stale file handle", "the storage lost track of a file"),
    ("stale nfs file handle", "the storage lost track of a file"),
    ("transport endpoint is not connected", "the storage is not connected"),
    ("connection timed out", "the storage did not answer in time"),
    ("connection refused", "the storage could not be reached"),
    ("connection reset by peer", "the connection to the storage broke"),
    ("network is unreachable", "the storage could not be reached"),
    ("network is down", "the storage could not be reached"),
    ("no route to host", "the storage could not be reached"),
    ("host is down", "the storage could not be reached"),
    ("resource temporarily unavailable", "the machine is short of resources"),
    ("cannot allocate memory", "the machine is short of memory"),
    ("out of memory", "the machine is short of memory"),
    ("too many open files", "the machine is short of open files"),
    ("device or resource busy", "something in the tree is in use"),
    ("text file busy", "something in the tree is in use"),
    ("source file is being updated", "the source kept changing while it was copied"),
    ("corrupted on transfer", "a copy differed from its source"),
    ("failed verification", "a copy differed from its source"),
)


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why work failed."""

    meaning: str
    transient: bool


def explain(errors: Sequence[str]) -> Explanation | None:
    """Return what the errors mean, None where the system's words are not among the known ones.

    A mistake of the user's, or a full disk, stays one however often it is tried, so it outweighs what may pass.
    """
    said = [error.lower() for error in errors]
    for table, transient in ((_PERMANENT, False), (_TRANSIENT, True)):
        for words, meaning in table:
            if any(words in line for line in said):
                return Explanation(meaning, transient)
    return None


def reason(mover: str, errors: Sequence[str], count: int) -> tuple[str, bool]:
    """Return one line for the user, and whether trying again may help.

    ``errors`` are the first of ``count`` errors that the mover told.
    """
    if not errors:
        return f"{mover} failed without saying why", False
    found = explain(errors)
    meaning = found.meaning if found else f"{mover} failed"
    telling = next((line for line in errors if found and explain([line]) == found), errors[0])
    more = f" (and {count - 1} more errors)" if count > 1 else ""
    return f"{meaning}: {telling}{more}", bool(found and found.transient)
