"""Moments, and the texts that name them: offsets differ and fractions of zero are left out, as in real records."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, timezone

from hypothesis import strategies as st

EPOCH = datetime(2026, 3, 12, 1, 0, tzinfo=UTC)
"""Around which most moments lie, close enough to meet and to tie."""

_FAR = timedelta(days=365 * 20)


def offsets() -> st.SearchStrategy[timezone]:
    """Fixed offsets from UTC, odd ones among them.

    Example: ``timezone(timedelta(hours=9))``.
    """
    minutes = st.sampled_from((0, 540, 345, -210, 840, -720))
    return minutes.map(lambda offset: timezone(timedelta(minutes=offset)))


def instants() -> st.SearchStrategy[datetime]:
    """Aware moments with different offsets; many are equal, a tick apart, or have no fraction of a second.

    Example: ``datetime(2026, 3, 12, 10, 0, tzinfo=timezone(timedelta(hours=9)))``.
    """
    ticks = st.integers(0, 3).map(lambda count: timedelta(microseconds=count))
    seconds = st.integers(0, 5).map(lambda count: timedelta(seconds=count))
    distances = st.one_of(ticks, seconds, st.timedeltas(-_FAR, _FAR))
    return st.builds(lambda distance, zone: (EPOCH + distance).astimezone(zone), distances, offsets())


def instant_texts() -> st.SearchStrategy[str]:
    """What a record holds where a time belongs: ISO 8601 with an offset, as ``isoformat()`` and others write it.

    Example: ``"2026-03-12T10:00:00+09:00"``, ``"2026-03-12T01:00:00.000001Z"``.
    """
    return st.builds(_write, instants(), st.sampled_from(("auto", "microseconds")), st.booleans())


def clock_readings(max_size: int = 12) -> st.SearchStrategy[tuple[datetime, ...]]:
    """What a clock shows at one look after the other: it may stand still, be set back, or change zone.

    Example: ``10:00:00+09:00``, ``10:00:02+09:00``, ``10:00:02+09:00``, ``00:59:30+00:00``.
    """
    goes_on = st.integers(1, 10_000_000)
    steps = st.one_of(goes_on, goes_on, st.just(0), st.integers(-90_000_000, 0))
    readings = st.lists(st.tuples(steps, offsets()), max_size=max_size)
    return readings.map(_read)


def _read(steps: Sequence[tuple[int, timezone]]) -> tuple[datetime, ...]:
    shown: list[datetime] = []
    now = EPOCH
    for microseconds, zone in steps:
        now += timedelta(microseconds=microseconds)
        shown.append(now.astimezone(zone))
    return tuple(shown)


def _write(moment: datetime, timespec: str, zulu: bool) -> str:
    text = moment.isoformat(timespec=timespec)
    return text.replace("+00:00", "Z") if zulu else text
