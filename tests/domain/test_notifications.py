"""When a task's end is news, and when a notification is sent again."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.notifications import DeliveryPolicy, has_ended_anew, notification_id
from domain.values import TaskStatus
from tests.webhooks.ended import AT, refused

LATER = AT + timedelta(seconds=1)

policies = st.builds(
    DeliveryPolicy,
    base_s=st.floats(0.1, 60.0),
    cap_s=st.floats(60.0, 7200.0),
    give_up_s=st.floats(1.0, 172_800.0),
)
jitters = st.floats(0.0, 1.0, exclude_max=True)


@given(policies, st.lists(jitters, min_size=1), st.floats(0.0, 10.0))
def test_a_notification_is_tried_to_the_end_of_its_time_and_then_never_again(
    policy: DeliveryPolicy, drawn: list[float], took_s: float
) -> None:
    age_s, pauses = 0.0, []
    for tries in range(1, 1_000_000):
        age_s += took_s
        pause_s = policy.pause(tries, age_s, drawn[tries % len(drawn)])
        if pause_s is None:
            break
        pauses.append(pause_s)
        age_s += pause_s
    assert age_s >= policy.give_up_s * (1 - 1e-9)
    assert age_s <= policy.give_up_s + took_s * (1 + 1e-9) + 1e-6
    # Bounded: doubling up to the cap, then at least half of the cap each time; and the last one, which is cut short.
    assert len(pauses) <= 2 + 17 + policy.give_up_s / (policy.cap_s / 2)


@given(policies, st.integers(1, 10**9), jitters)
def test_pauses_double_within_bounds_and_are_spread(policy: DeliveryPolicy, tries: int, jitter: float) -> None:
    forever = replace(policy, give_up_s=1e12)
    pause_s, least, next_least = (
        forever.pause(*each) for each in ((tries, 0.0, jitter), (tries, 0.0, 0.0), (tries + 1, 0.0, 0.0))
    )
    assert pause_s is not None
    assert least is not None
    assert next_least is not None
    assert policy.base_s / 2 <= least <= pause_s < 2 * least or pause_s == pytest.approx(2 * least)
    assert pause_s <= policy.cap_s
    assert next_least == pytest.approx(min(2 * least, policy.cap_s / 2))


@given(policies, st.integers(1, 100), st.floats(0.0, 200_000.0), jitters)
def test_no_try_comes_after_the_end_of_the_time(
    policy: DeliveryPolicy, tries: int, age_s: float, jitter: float
) -> None:
    pause_s = policy.pause(tries, age_s, jitter)
    assert (pause_s is None) == (age_s >= policy.give_up_s)
    if pause_s is not None:
        assert 0 < pause_s <= policy.give_up_s - age_s


def test_the_first_pauses_of_the_default() -> None:
    policy = DeliveryPolicy()
    assert [policy.pause(tries, 0.0, 0.0) for tries in range(1, 5)] == [2.5, 5.0, 10.0, 20.0]
    assert policy.pause(40, 0.0, 0.999) == pytest.approx(3600, rel=0.001)


def test_an_end_is_news_once() -> None:
    failed = refused()
    waiting = failed.reopen(LATER)
    assert has_ended_anew(None, failed)
    assert has_ended_anew(waiting, waiting.request_cancel(LATER))
    assert has_ended_anew(waiting.request_cancel(LATER), failed)  # written again over what came after a fail-over
    assert not has_ended_anew(failed, failed)
    assert not has_ended_anew(failed, failed.learn(("a line",)))
    assert not has_ended_anew(failed, waiting)
    assert not has_ended_anew(None, waiting)


def test_a_retry_that_is_refused_and_another_task_with_the_id_are_news() -> None:
    failed = refused()
    assert has_ended_anew(failed, failed.refuse_retry("no", LATER))
    assert has_ended_anew(failed, refused(created_at=LATER.isoformat()))


def test_an_id_is_that_of_one_end() -> None:
    failed = refused()
    others = [
        failed.refuse_retry("no", LATER),
        replace(failed, status=TaskStatus.CANCELLED),
        refused(task_id="8"),
        refused(user_id="bob"),
        refused(service="cp"),
        refused(created_at=LATER.isoformat()),
    ]
    assert notification_id(failed) == notification_id(failed.learn(("a line",)))
    assert len({notification_id(each) for each in (failed, *others)}) == len(others) + 1


@given(st.text(st.characters()), st.text(st.characters()))
def test_an_id_has_no_dot_whatever_records_hold(user_id: str, created_at: str) -> None:
    assert re.fullmatch(r"dms_7_1_[0-9a-f]{16}", notification_id(refused(user_id=user_id, created_at=created_at)))
