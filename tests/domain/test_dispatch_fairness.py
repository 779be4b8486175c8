"""How long a user can be kept waiting (design §4): promises about every history of a queue, not about one choice."""

from collections import Counter
from dataclasses import replace
from datetime import timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from domain.dispatch import DispatchState, Limits, Queued
from domain.testing import EPOCH, USERS, priorities
from domain.values import Priority
from tests.domain.test_dispatch_choice import runnable

SERVICES = ("sync", "cp")
LIMITS = st.builds(
    Limits,
    st.sampled_from((None, None, 1, 2, 3)),
    st.sampled_from(({}, {}, {"sync": 1}, {"cp": 2})),
    st.sampled_from((None, None, 3)),
)
ARRIVALS = st.tuples(st.sampled_from(SERVICES), st.sampled_from(USERS))
Waiter = tuple[Priority, str]


class FairQueue(RuleBasedStateMachine):
    """Nobody with more at work ever passes a user, and nobody with as many at work passes a user twice.

    So a user with a runnable task and none at work is served within as many claims as there are such users, and one
    with one at work is overtaken only by users with fewer.
    """

    @initialize(allowed=LIMITS)
    def open(self, allowed: Limits) -> None:
        self.allowed = allowed
        self.state = DispatchState()
        self.working: dict[str, Queued] = {}
        self.now = EPOCH
        self.last_id = 0
        self.heads: dict[Waiter, Queued] = {}
        self.passed_by: dict[Waiter, set[str]] = {}

    @rule(arrivals=st.lists(ARRIVALS, min_size=1, max_size=6), priority=priorities())
    def tasks_arrive(self, arrivals: list[tuple[str, str]], priority: Priority) -> None:
        for service, user in arrivals:
            self.last_id += 1
            self.put(Queued(str(self.last_id), service, user, priority, self.state.next_place))

    @precondition(lambda self: self.state.waiting)
    @rule(slots=st.integers(1, 3))
    def slots_get_free(self, slots: int) -> None:
        for _ in range(slots):
            self.claim()

    @precondition(lambda self: self.working)
    @rule(data=st.data())
    def work_ends(self, data: st.DataObject) -> None:
        self.leave(data)

    @precondition(lambda self: self.working)
    @rule(data=st.data())
    def work_ends_and_its_slot_is_free(self, data: st.DataObject) -> None:
        self.leave(data)
        self.claim()

    @precondition(lambda self: self.working)
    @rule(data=st.data(), seconds=st.none() | st.integers(0, 60))
    def work_is_put_back(self, data: st.DataObject, seconds: int | None) -> None:
        delay = None if seconds is None else self.now + timedelta(seconds=seconds)
        self.put(replace(self.leave(data), not_before=delay))

    @precondition(lambda self: self.state.waiting)
    @rule(data=st.data())
    def waiting_task_is_cancelled(self, data: st.DataObject) -> None:
        self.state = self.state.without(self.any_waiting(data).task_id)

    @precondition(lambda self: self.state.waiting)
    @rule(data=st.data(), priority=priorities())
    def priority_changes(self, data: st.DataObject, priority: Priority) -> None:
        task = self.any_waiting(data)
        self.state = self.state.without(task.task_id)
        self.put(replace(task, priority=priority))

    @rule(seconds=st.integers(1, 60))
    def time_passes(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)

    @invariant()
    def limits_hold(self) -> None:
        for user, count in Counter(work.user_id for work in self.state.at_work).items():
            assert self.allowed.per_user is None or count <= self.allowed.per_user, user
        for service, count in Counter(work.service for work in self.state.at_work).items():
            limit = self.allowed.for_service(service)
            assert limit is None or count <= limit, service

    def claim(self) -> None:
        before = self.state
        self.state, claimed = before.claim(self.allowed, self.now)
        for task in claimed:
            self.check_whom_it_passes(before, task)
            self.working[task.task_id] = task

    def check_whom_it_passes(self, before: DispatchState, served: Queued) -> None:
        at_work = Counter(work.user_id for work in before.at_work)
        rivals = [task for task in runnable(before, self.allowed, self.now) if task.priority is served.priority]
        for user in {task.user_id for task in rivals} - {served.user_id}:
            waiter = served.priority, user
            self.begin_anew_with_another_head(waiter, rivals)
            assert at_work[served.user_id] <= at_work[user], "passed by a user with more at work"
            if at_work[served.user_id] == at_work[user]:
                assert served.user_id not in self.passed_by[waiter], "passed twice by a user with as many at work"
                self.passed_by[waiter].add(served.user_id)
        for priority in Priority:
            self.passed_by.pop((priority, served.user_id), None)

    def begin_anew_with_another_head(self, waiter: Waiter, rivals: list[Queued]) -> None:
        """A user waits for as long as the oldest of the tasks that may run does."""
        head = min((task for task in rivals if task.user_id == waiter[1]), key=lambda task: task.order)
        if waiter not in self.passed_by or self.heads[waiter].task_id != head.task_id:
            self.passed_by[waiter] = set()
        self.heads[waiter] = head

    def put(self, task: Queued) -> None:
        self.state = replace(self.state, waiting=self.state.waiting | {task})

    def leave(self, data: st.DataObject) -> Queued:
        task = self.working.pop(data.draw(st.sampled_from(sorted(self.working, key=int))))
        self.state = self.state.without(task.task_id)
        return task

    def any_waiting(self, data: st.DataObject) -> Queued:
        return data.draw(st.sampled_from(sorted(self.state.waiting, key=lambda task: int(task.task_id))))


TestFairQueue = FairQueue.TestCase
TestFairQueue.settings = settings(max_examples=2 * settings().max_examples)


def queue_of(*tasks_of: tuple[str, int]) -> DispatchState:
    """Return a queue in which each user's tasks were accepted before those of the users behind."""
    users = [user for user, count in tasks_of for _ in range(count)]
    waiting = (Queued(str(place), "sync", user, Priority.LOW, place) for place, user in enumerate(users, 1))
    return DispatchState(frozenset(waiting))


def served_in_turn(state: DispatchState, claims: int) -> list[str]:
    """Return who is served where there is one slot, and each task is done before the next claim."""
    users = []
    for _ in range(claims):
        state, (task,) = state.claim(Limits(), EPOCH)
        state = state.without(task.task_id)
        users.append(task.user_id)
    return users


def test_a_user_with_many_waiting_tasks_does_not_delay_anothers_first_one_even_with_a_single_slot() -> None:
    assert served_in_turn(queue_of(("alice", 100), ("bob", 1)), 2) == ["alice", "bob"]


def test_users_with_old_queues_take_turns_with_a_newcomer_where_users_are_more_than_slots() -> None:
    state = queue_of(("alice", 50), ("bob", 50), ("carol", 50), ("dave", 1))
    assert served_in_turn(state, 6) == ["alice", "bob", "carol", "dave", "alice", "bob"]


def test_among_users_with_none_at_work_the_one_who_waited_longest_goes_first() -> None:
    state, _ = queue_of(("alice", 2)).claim(Limits(), EPOCH)
    state = state.without("1")
    newcomer = Queued("3", "sync", "bob", Priority.LOW, state.next_place)
    state = replace(state, waiting=state.waiting | {newcomer})
    assert served_in_turn(state, 2) == ["alice", "bob"], "alice's turn was before bob came"
