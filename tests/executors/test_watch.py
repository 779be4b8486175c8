"""When a worker is signalled: the lease, a stop, a scheduler that is gone."""

from __future__ import annotations

from signal import SIGKILL, SIGTERM, Signals

from hypothesis import given
from hypothesis import strategies as st

from adapters.executors.local.process import LAST_WORDS_S, deadlines
from adapters.executors.local.supervisor.watch import ORPHAN_GRACE_S, Watch

TERM_AT, KILL_AT, GRACE_S = 100.0, 101.0, 10.0


def watch() -> Watch:
    return Watch(TERM_AT, KILL_AT, GRACE_S)


def test_nothing_is_due_while_the_lease_holds() -> None:
    watched = watch()
    assert watched.due(99.9) is None
    assert watched.cause == ""
    assert watched.next_due() == 100.0


def test_a_lease_that_runs_out_sends_term_then_kill_each_once() -> None:
    watched = watch()
    assert watched.due(100.0) is SIGTERM
    assert watched.due(100.5) is None
    assert watched.cause == "lease"
    assert watched.next_due() == 101.0
    assert watched.due(101.0) is SIGKILL
    assert watched.due(500.0) is None
    assert watched.next_due() is None


def test_who_looks_too_late_kills_at_once() -> None:
    watched = watch()
    assert watched.due(200.0) is SIGKILL
    assert watched.cause == "lease"


def test_a_renewal_moves_the_end_and_an_older_one_does_not_move_it_back() -> None:
    watched = watch()
    watched.renew(200.0, 201.0)
    watched.renew(150.0, 151.0)
    assert watched.due(199.9) is None
    assert watched.due(200.0) is SIGTERM


def test_a_renewal_that_comes_after_the_end_takes_nothing_back() -> None:
    watched = watch()
    assert watched.due(100.0) is SIGTERM
    watched.renew(200.0, 201.0)
    assert watched.due(101.0) is SIGKILL


def test_a_stop_sends_term_at_once_and_kill_after_its_grace() -> None:
    watched = watch()
    watched.stop(50.0)
    assert watched.due(50.0) is SIGTERM
    assert watched.next_due() == 60.0
    watched.stop(55.0)
    assert watched.due(59.9) is None
    assert watched.due(60.0) is SIGKILL
    assert watched.cause == "stop"


def test_a_stop_lasts_no_longer_than_the_lease_unless_that_is_renewed() -> None:
    watched = watch()
    watched.stop(95.0)
    assert watched.due(95.0) is SIGTERM
    assert watched.due(101.0) is SIGKILL
    renewed = watch()
    renewed.stop(95.0)
    renewed.renew(200.0, 201.0)
    assert renewed.due(101.0) is SIGTERM
    assert renewed.due(105.0) is SIGKILL


def test_an_orphan_ends_sooner_than_what_is_stopped() -> None:
    watched = watch()
    watched.stop(50.0)
    watched.orphaned(51.0)
    assert watched.cause == "stop"
    assert watched.due(51.0) is SIGTERM
    assert watched.due(51.0 + ORPHAN_GRACE_S) is SIGKILL


@given(st.floats(0, 1e7), st.floats(0.001, 3600))
def test_however_little_is_left_of_a_lease_term_comes_between_work_and_kill(at: float, left_s: float) -> None:
    term_at, kill_at = deadlines(at + left_s, at)
    assert kill_at == at + left_s
    watched = Watch(term_at, kill_at, GRACE_S)
    assert watched.due(at) is None
    assert watched.due(term_at) is SIGTERM
    assert watched.due(kill_at) is SIGKILL
    assert kill_at - term_at <= LAST_WORDS_S


def test_a_lease_that_has_ended_has_no_last_words() -> None:
    assert deadlines(100.0, 101.0) == (100.0, 100.0)


ACTIONS = st.lists(st.tuples(st.sampled_from(["renew", "stop", "orphan", "look"]), st.floats(0, 3)), max_size=30)


@given(ACTIONS)
def test_kill_always_comes_by_the_end_of_the_last_lease(actions: list[tuple[str, float]]) -> None:
    now, ends = 0.0, 5.0
    watched = Watch(ends - 0.5, ends, GRACE_S)
    sent: list[Signals] = []
    for action, after in actions:
        now += after
        if action == "renew" and now < ends:
            ends = now + 5.0
            watched.renew(ends - 0.5, ends)
        elif action == "stop":
            watched.stop(now)
        elif action == "orphan":
            watched.orphaned(now)
        due = watched.due(now)
        if due is not None:
            sent.append(due)
    due = watched.due(max(now, ends))
    sent += [due] if due is not None else []
    assert sent.count(SIGKILL) == 1
    assert sent in ([SIGKILL], [SIGTERM, SIGKILL])
