"""Instants in the shared record: ISO 8601 text with an offset, compared as moments, never as text."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache


@lru_cache(maxsize=8192)
def parse_instant(text: str) -> datetime | None:
    """Return the moment that ``text`` names, or ``None`` where it names none that can be compared.

    That is where it has no offset, is no ISO 8601 time, or lies beyond the years that UTC has here. The same few texts
    are asked for again and again while a task lives, so the latest are remembered.
    """
    try:
        moment = datetime.fromisoformat(text)
        moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return moment if moment.tzinfo is not None else None


def as_utc(moment: datetime) -> datetime:
    """Return the same moment in UTC, where moments may be compared and added to.

    Python compares two times of one zone by the clock on the wall, which goes back when summer time ends.
    """
    return moment.astimezone(UTC)


def later(left: datetime, right: datetime) -> datetime:
    """Return the later moment; ``left`` on a tie."""
    return max(left, right, key=as_utc)


def later_text(left: str, right: str) -> str:
    """Return the text that names the later moment; ``left`` on a tie, and whichever names one where one does not."""
    a, b = parse_instant(left), parse_instant(right)
    if b is None:
        return left if a is not None or left else right
    if a is None:
        return right
    return right if b > a else left
