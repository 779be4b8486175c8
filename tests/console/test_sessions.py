"""Cookies: who can make one, and how long it counts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.system.entropy import SystemEntropy
from entrypoints.console.sessions import LIFETIME_S, Sessions
from entrypoints.console.wrong_tokens import MOST_ADDRESSES, MOST_WRONG, WITHIN_S, WrongTokens
from tests.console.clock import StandingClock

TOKENS = {"kim": "the-token-of-kim", "lee.é": "the-token-of-lee"}


def sessions(clock: StandingClock | None = None, **changed: str) -> Sessions:
    return Sessions({**TOKENS, **changed}, clock or StandingClock(), SystemEntropy())


@pytest.mark.parametrize("name", TOKENS)
def test_a_session_is_read_by_every_replica(name: str) -> None:
    cookie = sessions().open(name)
    session = sessions().read(cookie)
    assert session is not None
    assert session.operator == name
    assert TOKENS[name] not in cookie
    assert session.form_token not in cookie


def test_each_session_has_forms_of_its_own() -> None:
    desk = sessions()
    first, second = (desk.read(desk.open("kim")) for _ in range(2))
    assert first is not None
    assert second is not None
    assert first.form_token != second.form_token


def test_a_session_ends() -> None:
    clock = StandingClock()
    desk = sessions(clock)
    cookie = desk.open("kim")
    clock.passed_s = LIFETIME_S - 1
    assert desk.read(cookie)
    clock.passed_s = LIFETIME_S
    assert desk.read(cookie) is None


def test_another_token_ends_the_sessions_of_that_operator_alone() -> None:
    kim, lee = sessions().open("kim"), sessions().open("lee.é")
    after = sessions(kim="another-token")
    assert after.read(kim) is None
    assert after.read(lee)
    assert Sessions({}, StandingClock(), SystemEntropy()).read(lee) is None


def test_a_cookie_cannot_be_changed() -> None:
    desk = sessions()
    name, expires, nonce, signature = desk.open("kim").split(".")
    session = desk.read(f"{name}.{expires}.{nonce}.{signature}")
    assert session
    for forged in (
        f"{'lee.é'.encode().hex()}.{expires}.{nonce}.{signature}",
        f"{name}.{int(expires) + 1}.{nonce}.{signature}",
        f"{name}.{expires}.{nonce}0.{signature}",
        f"{name}.{expires}.{nonce}.{signature[:-1]}",
        f"{name}.{expires}.{nonce}.{session.form_token}",
        f"{name}.{expires}.{nonce}.",
    ):
        assert desk.read(forged) is None


@given(st.text(st.characters(codec="latin-1")) | st.lists(st.text("0123456789abcdef"), max_size=5).map(".".join))
def test_any_other_cookie_is_no_session(cookie: str) -> None:
    assert sessions().read(cookie) is None


def test_a_token_names_its_operator() -> None:
    assert sessions().operator_of("the-token-of-lee") == "lee.é"
    for wrong in ("", "kim", "the-token-of-kim ", "é\udcff"):
        assert sessions().operator_of(wrong) is None


def test_wrong_tokens_make_their_address_wait() -> None:
    clock = StandingClock()
    wrong = WrongTokens(clock)
    for _ in range(MOST_WRONG):
        assert wrong.wait_s("a") == 0
        wrong.note("a")
        clock.passed_s += 1
    assert wrong.wait_s("a") == WITHIN_S - MOST_WRONG
    assert wrong.wait_s("b") == 0
    clock.passed_s = WITHIN_S
    assert wrong.wait_s("a") == 0
    wrong.note("a")
    assert wrong.wait_s("a") == 1


def test_a_right_token_clears_its_address() -> None:
    wrong = WrongTokens(StandingClock())
    for _ in range(MOST_WRONG):
        wrong.note("a")
    wrong.forget("a")
    assert wrong.wait_s("a") == 0


def test_addresses_are_forgotten_rather_than_memory_filled() -> None:
    wrong = WrongTokens(StandingClock())
    for _ in range(MOST_WRONG):
        wrong.note("first")
    for number in range(MOST_ADDRESSES):
        wrong.note(str(number))
    assert wrong.wait_s("first") == 0
