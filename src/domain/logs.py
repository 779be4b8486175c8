"""Log lines of a task: ``<ISO 8601 time with offset>,<message>`` (contract §2), merged from two writers.

A line is its exact string, so equal strings are one line. The merge is a union, hence commutative for lines that
carry a time, idempotent, and never loses one (design §1).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from domain.instants import as_utc, is_later, parse_instant, utc_instant

TICK = timedelta(microseconds=1)


def line_instant(line: str) -> datetime | None:
    """Return the moment that a line begins with, up to its first comma, or ``None``."""
    head, comma, _ = line.partition(",")
    return parse_instant(head) if comma else None


def line_utc(line: str) -> datetime | None:
    """Return the same moment in UTC, which is cheaper to find and to compare."""
    head, comma, _ = line.partition(",")
    return utc_instant(head) if comma else None


def format_line(at: datetime, message: str) -> str:
    """Return a line of ours: always with microseconds, and on one line."""
    return f"{at.isoformat('T', 'microseconds')},{one_line(message)}"


def one_line(text: str) -> str:
    """Return a text with a space in place of every line break."""
    return " ".join(text.splitlines())


def next_instant(at: datetime, previous: datetime | None) -> datetime:
    """Return ``at``, or the tick after ``previous`` where the clock has not moved on: our lines strictly ascend."""
    if previous is None or is_later(at, previous):
        return at
    return (as_utc(previous) + TICK).astimezone(at.tzinfo)


def merge_lines(known: tuple[str, ...], read: tuple[str, ...]) -> tuple[str, ...]:
    """Return every line of both, each once, ordered by (moment, text).

    A line without a readable time stays right behind the line that it first followed; where the two sides
    disagree on that, ``known`` (the ledger) decides.
    """
    if _is_merged_with(known, read):
        return known
    timed: dict[str, datetime] = {}
    untimed: set[str] = set()
    followers: dict[str | None, list[str]] = {}
    for lines in (known, read):
        predecessor: str | None = None
        for line in lines:
            if line not in timed and line not in untimed:
                moment = line_utc(line)
                if moment is not None:
                    timed[line] = moment
                else:
                    untimed.add(line)
                    followers.setdefault(predecessor, []).append(line)
            predecessor = line
    ordered = sorted(sorted(timed), key=timed.__getitem__)  # by moment, and of the same moment by text
    if not followers:
        return tuple(ordered)
    return tuple(_with_followers([None, *ordered], followers))


def _with_followers(heads: Iterable[str | None], followers: dict[str | None, list[str]]) -> list[str]:
    merged: list[str] = []
    for head in heads:
        stack: list[str | None] = [head]
        while stack:
            line = stack.pop()
            if line is not None:
                merged.append(line)
            stack.extend(reversed(followers.get(line, ())))
    return merged


def _is_merged_with(known: tuple[str, ...], read: tuple[str, ...]) -> bool:
    """Whether merging ``read`` into ``known`` would return ``known`` unchanged (the common case, without sorting)."""
    lines = set(known)
    if len(lines) != len(known) or not lines.issuperset(read):
        return False
    last: tuple[datetime, str] | None = None
    for line in known:
        moment = line_utc(line)
        if moment is None:
            continue
        if last is not None and (moment, line) < last:
            return False
        last = moment, line
    return True
