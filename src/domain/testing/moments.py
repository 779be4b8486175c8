"""Moments, and the texts that name them: offsets differ and fractions of zero are left out, as in real records."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, timezone

from hypothesis import strategies as st

EPOCH = datetime(2026, 3, 12, 1, 0, tzinfo=UTC)
"""Around which most moments lie, close enough to meet and to tie."""

_FAR = timedelta(days=365 * 20)
_OFFSETS = tuple(timezone(timedelta(minutes=minutes)) for minutes in (0, 540, 345, -210, 840, -720))
_DISTANCES = tuple(timedelta(microseconds=count) for count in (0, 1, 2, 1_000_000, 2_000_000, 60_000_000))

# Drawn as a whole, since each single draw takes its time; by number, to keep what Hypothesis prints short.
_NEAR = tuple((EPOCH + distance).astimezone(offset) for distance in _DISTANCES for offset in _OFFSETS)


def _ways_to_write(moment: datetime) -> set[str]:
    texts = {moment.isoformat(), moment.isoformat(timespec="microseconds")}
    return texts | {text.replace("+00:00", "Z") for text in texts}


_NEAR_TEXTS = tuple(text for moment in _NEAR for text in sorted(_ways_to_write(moment)))


def offsets() -> st.SearchStrategy[timezone]:
    """Fixed offsets from UTC, odd ones among them.

    Example: ``timezone(timedelta(hours=9))``.
    """
    return st.sampled_from(_OFFSETS)


def instants() -> st.SearchStrategy[datetime]:
    """Aware moments with different offsets; many are equal, a tick apart, or have no fraction of a second.

    Example: ``datetime(2026, 3, 12, 10, 0, tzinfo=timezone(timedelta(hours=9)))``.
    """
    near = st.integers(0, len(_NEAR) - 1).map(lambda number: _NEAR[number])
    far = st.builds(lambda distance, zone: (EPOCH + distance).astimezone(zone), st.timedeltas(-_FAR, _FAR), offsets())
    return st.one_of(near, near, far)


def instant_texts() -> st.SearchStrategy[str]:
    """What a record holds where a time belongs: ISO 8601 with an offset, as ``isoformat()`` and others write it.

    Example: ``"2026-03-12T10:00:00+09:00"``, ``"2026-03-12T01:00:00.000001Z"``.
    """
    near = st.integers(0, len(_NEAR_TEXTS) - 1).map(lambda number: _NEAR_TEXTS[number])
    return st.one_of(near, near, instants().map(datetime.isoformat))


def clock_readings(max_size: int = 12) -> st.SearchStrategy[tuple[datetime, ...]]:
    """What a clock shows at one look after the other: it may stand still, be set back, or change zone.

    Example: ``10:00:00+09:00``, ``10:00:02+09:00``, ``10:00:02+09:00``, ``00:59:30+00:00``.
    """
    on, back = st.integers(1, 10_000_000), st.integers(-90_000_000, 0)
    steps = st.one_of(on, on, back)
    readings = st.lists(st.tuples(steps, offsets()), max_size=max_size)
    return readings.map(_read)


def _read(steps: Sequence[tuple[int, timezone]]) -> tuple[datetime, ...]:
    shown: list[datetime] = []
    now = EPOCH
    for microseconds, zone in steps:
        now += timedelta(microseconds=microseconds)
        shown.append(now.astimezone(zone))
    return tuple(shown)
