"""What people are shown of texts and numbers."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup

from entrypoints.console.shown import moment, size, span, visible


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("plain, even “Ä” and 日本", "plain, even “Ä” and 日本"),
        ("\x1b[31mred\x1b[0m", "␛[31mred␛[0m"),
        ("a\nb\tc\x00", "a␊b␉c␀"),
        ("photo\u202egpj.exe", "photo⟨U+202E⟩gpj.exe"),
        ("no\u200bthing", "no⟨U+200B⟩thing"),
        ("\x7f\x9b", "⟨U+007F⟩⟨U+009B⟩"),
        ("\u2028", "⟨U+2028⟩"),
        ("\ud800", "⟨U+D800⟩"),
    ],
)
def test_what_has_no_face_gets_one(text: str, seen: str) -> None:
    assert visible(text) == seen


@given(st.text(st.characters()))
def test_nothing_that_is_shown_does_anything(text: str) -> None:
    seen = visible(text)
    assert isinstance(seen, str)
    # Wide spaces are not printable to Python, and do no harm.
    assert all(character.isprintable() or character.isspace() for character in seen)
    assert not {"\n", "\r", "\x1b", "\u202e", "\u2066"} & set(seen)


def test_markup_of_ours_and_numbers_stay() -> None:
    assert visible(Markup("<b>\n</b>")) == "<b>\n</b>"
    assert visible(3) == 3


@pytest.mark.parametrize(
    ("count", "said"),
    [(0, "0 B"), (1023, "1023 B"), (1024, "1.0 KiB"), (1.5 * 2**40, "1.5 TiB"), (2**60, "1024.0 PiB")],
)
def test_sizes(count: float, said: str) -> None:
    assert size(count) == said


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(-1, "0 s"), (59.4, "59 s"), (60, "1 min 0 s"), (3599.6, "1 h 0 min"), (90_000, "1 d 1 h")],
)
def test_spans(seconds: float, said: str) -> None:
    assert span(seconds) == said


def test_moments() -> None:
    assert moment(datetime(2026, 3, 12, 10, 0, 0, 123456, UTC)) == "2026-03-12 10:00:00"
    assert moment(None) == ""
