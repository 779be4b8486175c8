from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.instants import as_utc, is_later, later, later_text, parse_instant, utc_instant
from domain.testing import EPOCH, instant_texts, instants


@given(instants())
def test_what_isoformat_writes_is_read_back(moment: datetime) -> None:
    read = parse_instant(moment.isoformat())
    assert read == moment
    assert read.utcoffset() == moment.utcoffset()


@given(instant_texts())
def test_in_utc_it_is_the_same_moment(text: str) -> None:
    moment = utc_instant(text)
    assert moment is not None
    assert moment == parse_instant(text)
    assert moment.tzinfo is UTC


@pytest.mark.parametrize(
    "text",
    [
        "",
        "yesterday",
        "2026-03-12T10:00:00",
        "2026-03-12",
        "2026-13-01T00:00:00Z",
        "0001-01-01T00:00:00+09:00",
        "9999-12-31T23:59:59-09:00",
        "\ud800",
        "10",
        "٢٠٢٦-03-12",
    ],
)
def test_a_text_that_names_no_moment_is_no_error(text: str) -> None:
    assert parse_instant(text) is None


@given(st.text(max_size=30))
def test_no_text_is_an_error(text: str) -> None:
    moment = parse_instant(text)
    assert moment is None or moment.tzinfo is not None


@given(instant_texts(), instant_texts())
def test_the_later_text_is_found_by_its_moment(left: str, right: str) -> None:
    found = parse_instant(later_text(left, right))
    assert found == max(datetime.fromisoformat(left), datetime.fromisoformat(right))
    assert later_text(left, right) in (left, right)


def test_on_a_tie_the_text_stays_as_it_was() -> None:
    assert later_text("2026-03-12T10:00:00+09:00", "2026-03-12T01:00:00Z") == "2026-03-12T10:00:00+09:00"


@given(instant_texts(), st.sampled_from(("", "yesterday")))
def test_a_text_that_names_a_moment_beats_one_that_does_not(text: str, other: str) -> None:
    assert later_text(text, other) == text
    assert later_text(other, text) == text
    assert later_text("", other) == other


@given(instants(), instants())
def test_moments_are_compared_as_in_utc(one: datetime, other: datetime) -> None:
    assert is_later(one, other) == (as_utc(one) > as_utc(other))


@given(instants(), instants())
def test_the_later_moment(left: datetime, right: datetime) -> None:
    assert later(left, right) == max(left.astimezone(UTC), right.astimezone(UTC))
    assert later(EPOCH, EPOCH + timedelta(microseconds=1)) != EPOCH
