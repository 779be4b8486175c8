"""What of a mover's output people get to read."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from adapters.executors.failures import explain, reason
from adapters.executors.output import MOST_CHARACTERS, MOST_ERRORS, MOST_LINES, Tail, clean

LINES = st.lists(st.tuples(st.booleans(), st.text()), max_size=120)


@given(LINES, st.integers(0, 3))
def test_a_tail_is_bounded_plain_text(lines: list[tuple[bool, str]], room: int) -> None:
    tail = Tail({})
    for is_error, line in lines:
        (tail.add_error if is_error else tail.add)(line)
    shown = tail.text(room_for=room)
    assert len(shown.split("\n")) <= MOST_LINES - room
    assert all(len(line) <= MOST_CHARACTERS for line in shown.split("\n"))
    assert json.loads(json.dumps(shown).encode()) == shown
    shown.encode()  # no lone surrogates
    assert not any(ord(character) < 32 for character in shown.replace("\n", ""))


def test_errors_come_first_and_the_last_lines_after_them() -> None:
    tail = Tail({})
    for number in range(200):
        tail.add(f"line {number}")
        if number % 5 == 0:
            tail.add_error(f"error {number}")
    lines = tail.text().splitlines()
    assert lines[:MOST_ERRORS] == [f"error {number}" for number in range(0, 100, 5)]
    assert lines[MOST_ERRORS] == "… and 20 more errors"
    assert lines[MOST_ERRORS + 1 :] == [f"line {number}" for number in range(171, 200)]
    assert tail.error_count == 40


def test_what_is_tried_again_is_no_error_any_more() -> None:
    tail = Tail({})
    tail.add_error("first try")
    tail.forgive()
    tail.add_error("second try")
    assert tail.errors == ("second try",)
    assert tail.text().splitlines() == ["second try", "first try"]


def test_a_line_shows_the_users_names_of_paths() -> None:
    tail = Tail({"/proc/self/fd/200": "/pvs/a", "/proc/self/fd/2001": "/never"})
    assert tail.readable("open /proc/self/fd/200/x: no") == "open /pvs/a/x: no"


def test_nothing_moves_a_terminal_or_hides_text() -> None:
    assert clean("\x1b[31mred\x1b[0m\x07 \x00nul\tand\rback \u202eevil \udcdf\n") == (
        "red\\x07 \\x00nul and\\x0dback \\x202eevil \\xdf"
    )


def test_of_a_long_line_both_ends_are_kept() -> None:
    shown = clean("open /" + "x" * 1000 + ": permission denied")
    assert shown.startswith("open /xxx")
    assert shown.endswith("xxx: permission denied")
    assert "…" in shown


def test_a_users_mistake_outweighs_what_may_pass() -> None:
    errors = ["a: Input/output error (5)", "b: Permission denied (13)"]
    assert reason("rsync", errors, 7) == ("permission denied: b: Permission denied (13) (and 6 more errors)", False)
    assert reason("rsync", errors[:1], 1) == ("the storage reported an error: a: Input/output error (5)", True)


def test_unknown_words_are_told_as_they_are() -> None:
    assert explain(["something odd"]) is None
    assert reason("rclone", ["something odd"], 1) == ("rclone failed: something odd", False)
    assert reason("rclone", [], 0) == ("rclone failed without saying why", False)
