from datetime import UTC, datetime, timedelta, tzinfo
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from domain.instants import is_later
from domain.logs import format_line, line_instant, line_utc, merge_lines, next_instant
from domain.testing import EPOCH, clock_readings, instants, log_lines, logs, timed_lines, unparsable_lines

timed_logs = st.lists(timed_lines(), max_size=6).map(tuple)
Lines = tuple[str, ...]


def timed(lines: Lines) -> list[str]:
    return [line for line in lines if line_instant(line)]


@given(timed_logs, timed_logs)
def test_timed_lines_merge_the_same_either_way_round(left: Lines, right: Lines) -> None:
    assert merge_lines(left, right) == merge_lines(right, left)


@given(timed_logs, timed_logs, timed_logs)
def test_timed_lines_merge_in_any_grouping(a: Lines, b: Lines, c: Lines) -> None:
    assert merge_lines(merge_lines(a, b), c) == merge_lines(a, merge_lines(b, c))


@given(logs(), logs())
def test_merging_again_changes_nothing(known: Lines, read: Lines) -> None:
    merged = merge_lines(known, read)
    assert merge_lines(merged, merged) == merged
    assert merge_lines(merged, read) == merged
    assert merge_lines(merged, known) == merged


@given(logs(), logs())
def test_a_merge_is_the_union_in_order_of_time(known: Lines, read: Lines) -> None:
    merged = merge_lines(known, read)
    assert sorted(merged) == sorted({*known, *read})
    keys = [(line_instant(line) or EPOCH, line) for line in timed(merged)]
    assert keys == sorted(keys)


@given(logs(), logs())
def test_what_the_ledger_knows_keeps_its_place_behind_its_predecessor(known: Lines, read: Lines) -> None:
    merged = merge_lines(known, ())
    after = merge_lines(merged, read)
    for line in (line for line in merged if not line_instant(line)):
        assert anchor(line, after) == anchor(line, merged)


def anchor(line: str, lines: Lines) -> str | None:
    """The last line with a time before ``line``."""
    before = timed(lines[: lines.index(line)])
    return before[-1] if before else None


@given(logs(), timed_lines(), st.lists(unparsable_lines(), min_size=1, max_size=4, unique=True))
def test_a_traceback_stays_together_and_in_its_order(known: Lines, head: str, tail: list[str]) -> None:
    traceback = (head, *tail)
    if {*known} & {*traceback}:
        return
    merged = merge_lines(known, traceback)
    start = merged.index(head)
    assert merged[start : start + len(traceback)] == traceback


def test_offsets_and_missing_fractions_are_compared_as_moments() -> None:
    early, middle, late = (
        "2026-03-12T10:00:00+09:00,b",
        "2026-03-12T01:00:00.500000+00:00,a",
        "2026-03-11T20:00:01-05:00,c",
    )
    assert merge_lines((late, early), (middle,)) == (early, middle, late)


@given(log_lines())
def test_a_line_has_a_moment_only_with_a_time_an_offset_and_a_comma(line: str) -> None:
    moment = line_instant(line)
    if moment is not None:
        head, comma, _ = line.partition(",")
        assert comma
        assert datetime.fromisoformat(head).tzinfo is not None


@given(log_lines())
def test_a_line_has_the_same_moment_in_utc(line: str) -> None:
    assert line_utc(line) == line_instant(line)


@given(unparsable_lines())
def test_unparsable_lines_are_so(line: str) -> None:
    assert line_instant(line) is None


@given(instants(), st.text(max_size=20))
def test_our_lines_are_one_line_with_microseconds_and_read_back(at: datetime, message: str) -> None:
    line = format_line(at, message)
    assert len(line.splitlines()) == 1
    assert line_instant(line) == at
    assert "." in line.partition(",")[0]


@given(clock_readings())
def test_our_lines_ascend_whatever_the_clock_does(readings: tuple[datetime, ...]) -> None:
    check_ascent(readings)


def check_ascent(readings: tuple[datetime, ...]) -> None:
    lines: list[str] = []
    last: datetime | None = None
    for at in readings:
        last = next_instant(at, last)
        assert last >= at.astimezone(UTC)
        assert last.tzinfo == at.tzinfo
        lines.append(format_line(last, "x"))
    moments = [moment for line in lines if (moment := line_instant(line))]
    assert all(earlier < later for earlier, later in pairwise(moments))
    assert merge_lines(tuple(reversed(lines)), ()) == tuple(lines)


class SummerTimeEnds(tzinfo):
    """A zone as of ``zoneinfo``: at 01:00 UTC of EPOCH's day its clocks go back from 03:00 to 02:00."""

    def utcoffset(self, moment: datetime | None) -> timedelta:
        assert moment is not None
        wall = moment.replace(tzinfo=UTC, fold=0)
        is_winter = wall >= EPOCH + timedelta(hours=2) or (wall >= EPOCH + timedelta(hours=1) and moment.fold == 1)
        return timedelta(hours=1 if is_winter else 2)

    def dst(self, moment: datetime | None) -> timedelta:
        return self.utcoffset(moment) - timedelta(hours=1)

    def tzname(self, moment: datetime | None) -> str:
        return "CEST" if self.dst(moment) else "CET"

    def fromutc(self, moment: datetime) -> datetime:
        is_winter = moment.replace(tzinfo=UTC) >= EPOCH
        wall = moment + timedelta(hours=1 if is_winter else 2)
        is_repeated = EPOCH <= moment.replace(tzinfo=UTC) < EPOCH + timedelta(hours=1)
        return wall.replace(fold=int(is_repeated))


@given(st.lists(st.integers(-7200, 7200), max_size=8))
def test_our_lines_ascend_while_summer_time_ends(seconds: list[int]) -> None:
    zone = SummerTimeEnds()
    check_ascent(tuple((EPOCH + timedelta(seconds=second)).astimezone(zone) for second in seconds))


@given(st.integers(-7200, 7200), st.integers(-7200, 7200))
def test_the_later_moment_is_known_while_summer_time_ends(one: int, other: int) -> None:
    zone = SummerTimeEnds()
    first, second = ((EPOCH + timedelta(seconds=seconds)).astimezone(zone) for seconds in (one, other))
    assert is_later(first, second) == (one > other)


def test_the_zone_of_these_tests_turns_back() -> None:
    zone = SummerTimeEnds()
    before, after = ((EPOCH + timedelta(minutes=minutes)).astimezone(zone) for minutes in (-10, 10))
    assert (before.isoformat(), after.isoformat()) == ("2026-03-12T02:50:00+02:00", "2026-03-12T02:10:00+01:00")
    assert before > after, "Python compares the clocks on the wall"
