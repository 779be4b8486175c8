"""Instants in the shared record: ISO 8601 text with an offset, compared as moments, never as text."""

from __future__ import annotations

from datetime import UTC, datetime, timezone
from functools import lru_cache


def parse_instant(text: str) -> datetime | None:
    """Return the moment that ``text`` names, at its offset, or ``None`` where it names none that can be compared.

    That is where it has no offset, is no ISO 8601 time, or lies beyond the years that UTC has here.
    """
    return None if utc_instant(text) is None else datetime.fromisoformat(text)


@lru_cache(maxsize=8192)
def utc_instant(text: str) -> datetime | None:
    """Return the same moment in UTC: two times of one zone are compared at a tenth of the cost.

    The same few texts are asked for again and again while a task lives, so the latest are remembered.
    """
    try:
        moment = datetime.fromisoformat(text)
        return as_utc(moment) if moment.tzinfo is not None else None
    except (ValueError, OverflowError):
        return None


def as_utc(moment: datetime) -> datetime:
    """Return the same moment in UTC, where moments may be compared and added to.

    Python compares two times of one zone by the clock on the wall, which goes back when summer time ends.
    """
    return moment.astimezone(UTC)


def is_later(one: datetime, other: datetime) -> bool:
    """Whether ``one`` is the later moment.

    Python compares two times of different zones as moments, and those of one fixed offset need no more; so only for a
    zone whose clocks go back both are taken to UTC, which costs more than the comparison.
    """
    if one.tzinfo is other.tzinfo and not isinstance(one.tzinfo, timezone):
        return as_utc(one) > as_utc(other)
    return one > other


def later(left: datetime, right: datetime) -> datetime:
    """Return the later moment; ``left`` on a tie."""
    return right if is_later(right, left) else left


def later_text(left: str, right: str) -> str:
    """Return the text that names the later moment; ``left`` on a tie, and whichever names one where one does not."""
    a, b = utc_instant(left), utc_instant(right)
    if b is None:
        return left if a is not None or left else right
    if a is None:
        return right
    return right if b > a else left
