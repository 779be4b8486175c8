"""What is taken of a caller's `traceparent` (W3C Trace Context, level 2), and what is not."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from domain.record import Record
from domain.task import Task
from domain.testing import EPOCH, History, Player, histories, registered_records, traceparents
from domain.traces import read_traceparent, trace_id_of

TRACE, PARENT = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
VALID = f"00-{TRACE}-{PARENT}-01"


@given(traceparents())
def test_what_is_valid_stays_as_it_is(given_text: str) -> None:
    assert read_traceparent(given_text) == given_text
    assert trace_id_of(given_text) == given_text.split("-")[1]


@given(st.text() | st.text("0123456789abcdef-", min_size=50, max_size=60))
@example(VALID.upper())
def test_whatever_comes_is_valid_or_nothing(given_text: str) -> None:
    read = read_traceparent(given_text)
    assert read is None or read == read_traceparent(read)


@given(traceparents(), st.integers(0, 54), st.characters())
def test_one_character_that_is_wrong_spoils_it(given_text: str, place: int, character: str) -> None:
    changed = given_text[:place] + character + given_text[place + 1 :]
    form = "-" if given_text[place] == "-" else "0123456789abcdef"
    assert character in form or read_traceparent(changed) is None


@pytest.mark.parametrize(
    "wrong",
    [
        "",
        "-",
        f"00-{'0' * 32}-{PARENT}-01",
        f"00-{TRACE}-{'0' * 16}-01",
        f"ff-{TRACE}-{PARENT}-01",
        f"00-{TRACE.upper()}-{PARENT}-01",
        f"00-{TRACE}-{PARENT}-1",
        f"00-{TRACE}-{PARENT}-01-",
        f"00-{TRACE}-{PARENT}-01-more",
        f"01-{TRACE}-{PARENT}-01more",
        f"0-{TRACE}-{PARENT}-01",
        f" {VALID}",
        f"{VALID}\n",
        VALID.replace("0af7", "\u0660af7"),
        f"00-{TRACE[:-1]}-{PARENT}-01",
        f"00-{TRACE}{PARENT}-01",
    ],
)
def test_what_the_standard_forbids_is_no_trace(wrong: str) -> None:
    assert read_traceparent(wrong) is None


@pytest.mark.parametrize("later", [f"01-{TRACE}-{PARENT}-01", f"cc-{TRACE}-{PARENT}-01-what the future brings"])
def test_of_a_later_version_the_known_part_is_taken(later: str) -> None:
    assert read_traceparent(later) == VALID


@pytest.mark.parametrize(("flags", "kept"), [("00", "00"), ("01", "01"), ("02", "02"), ("ff", "03"), ("fc", "00")])
def test_flags_that_nobody_has_defined_are_left_out(flags: str, kept: str) -> None:
    assert read_traceparent(f"00-{TRACE}-{PARENT}-{flags}") == f"00-{TRACE}-{PARENT}-{kept}"


@given(histories(), traceparents())
def test_nothing_that_happens_to_a_task_changes_its_trace(history: History, traceparent: str) -> None:
    player = Player(Task.accept(history.record, EPOCH, traceparent=traceparent))
    for step in history.steps:
        assert player.play(step).after.traceparent == traceparent


@given(registered_records(), traceparents())
def test_a_refused_task_has_its_trace_too(record: Record, traceparent: str) -> None:
    refused = Task.refuse(record, "no such service", EPOCH, traceparent)
    assert refused.traceparent == traceparent
    assert refused.reopen(EPOCH).traceparent == traceparent
