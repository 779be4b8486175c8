"""The rules of the conformance suite's state machine: all that may happen to a store."""

from collections.abc import Collection
from dataclasses import replace

from hypothesis import strategies as st
from hypothesis.stateful import Bundle, initialize, invariant, precondition, rule

from domain.blocks import Block, Blocks
from domain.dispatch import Limits
from domain.ports import Admission
from domain.position import position_of
from domain.tally import total
from domain.task import Task
from domain.values import TERMINAL, Lease, Priority, TaskStatus
from tests.stores.expected_overview import heads_of, shows
from tests.stores.expected_position import relative
from tests.stores.leasing import LEASE_S, LeasingSteps
from tests.stores.machine import DAY, HOUR
from tests.stores.moves import BIRTHS, MOVES, OWNERS_MOVES, outcomes
from tests.stores.oracle import Seen

IDS = ("1", "2", "9", "10", "11")
SERVICES = ("sync", "c:p")
USERS = ("alice", "kim:admin", "이하나")
EVERY_MOVE = frozenset((*BIRTHS, *MOVES))
NEVER_GIVEN = Lease("replica-1", 1, "beef")

ids = st.sampled_from(IDS)
services = st.sampled_from(SERVICES)
users = st.sampled_from(USERS)
owners = st.sampled_from(("replica-1", "replica-2"))
priorities = st.sampled_from(Priority)
births = st.just("accept") | st.sampled_from(sorted(BIRTHS))
picks = st.integers(0, 11)
limits = st.just(Limits()) | st.builds(
    Limits,
    per_user=st.none() | st.integers(1, 3),
    per_service=st.dictionaries(services, st.integers(0, 3)),
    every_service=st.none() | st.integers(1, 3),
)


def chosen(pick: int, among: Collection[str]) -> str:
    """Return one of the names that there are now."""
    return sorted(among)[pick % len(among)]


class StoreMachine(LeasingSteps):
    """Frontend, operators and owners act on one store; each rule is one step of one of them."""

    seen = Bundle("seen")

    # --- the frontend ------------------------------------------------------------------------------------------

    @initialize(
        target=seen, waiting=st.lists(st.tuples(services, users, priorities), max_size=4), at_work=st.integers(0, 3)
    )
    def begin(self, waiting: list[tuple[str, str, Priority]], at_work: int) -> Seen:
        """Some tasks wait already, and some are at work."""
        for task_id, (service, user_id, priority) in zip(IDS, waiting, strict=False):
            self.submit_now(task_id, service, user_id, priority, "accept")
        self.claim_for("replica-1", at_work, Limits())
        return self.seen_now(IDS[0])

    @rule(target=seen, task_id=ids, service=services, user_id=users, priority=priorities)
    def register(self, task_id: str, service: str, user_id: str, priority: Priority) -> Seen:
        """A user creates a task; the id may have been another one's."""
        self.save_new(task_id, service, user_id, priority)
        return self.seen_now(task_id)

    @precondition(lambda self: self.history)
    @rule(pick=picks, back=st.integers(0, 5), status=st.sampled_from(TaskStatus), line=st.booleans())
    def overwrite(self, pick: int, back: int, status: TaskStatus, line: bool) -> None:
        """The frontend saves a record that it read some time ago, perhaps before it was deleted."""
        self.save_old(chosen(pick, self.history), back, status, line)

    @precondition(lambda self: self.oracle.records)
    @rule(pick=picks)
    def save_again(self, pick: int) -> None:
        """The frontend saves a record as it stands."""
        self.save(self.oracle.records[chosen(pick, self.oracle.records)])

    @precondition(lambda self: self.oracle.records)
    @rule(pick=picks, by_time=st.booleans())
    def delete(self, pick: int, by_time: bool) -> None:
        """A user deletes a task, or its record expires."""
        self.drop(chosen(pick, self.oracle.records), by_time=by_time)

    # --- operators ---------------------------------------------------------------------------------------------

    @rule(user_id=st.none() | users, block=st.none() | st.sampled_from((Block(), Block("the quota, say"))))
    def block(self, user_id: str | None, block: Block | None) -> None:
        if user_id is None:
            self.do(self.store.blocks.set_everybody(block))
            self.oracle.blocks = self.oracle.blocks.with_everybody(block)
        else:
            self.do(self.store.blocks.set_user(user_id, block))
            self.oracle.blocks = self.oracle.blocks.with_user(user_id, block)

    @rule(target=seen, seen=seen, priority=priorities)
    def set_priority_of_record(self, seen: Seen, priority: Priority) -> Seen:
        """A task that was not submitted takes its priority from the record."""
        record = seen.snapshot.record
        if record is None:
            return seen
        return self.commit(seen, seen.snapshot.task, replace(record, priority=priority))

    # --- the scheduler -----------------------------------------------------------------------------------------

    @rule(target=seen, task_id=ids, user_id=users)
    def look_for_submit(self, task_id: str, user_id: str) -> Seen:
        snapshot, flags = self.do(self.store.tasks.load_for_submit(task_id, user_id))
        assert flags == self.oracle.blocks.flags_for(user_id)
        return self.oracle.seen(snapshot)

    @rule(target=seen, seen=seen, most_waiting=st.sampled_from((1_000_000, 4, 2, 1)))
    def admit(self, seen: Seen, most_waiting: int) -> Seen:
        """A submit that holds only if no block came in between and not too many tasks wait."""
        record = seen.snapshot.record
        if record is None:
            return seen
        admission = Admission(record.user_id, most_waiting)
        return self.commit(seen, Task.accept(record, self.moment().at), record, admission=admission)

    @rule(target=seen, task_id=ids, service=services, user_id=users, priority=priorities, birth=births)
    def submit(self, task_id: str, service: str, user_id: str, priority: Priority, birth: str) -> Seen:
        """A task is registered and at once accepted, refused or cancelled, whatever had the id before."""
        return self.submit_now(task_id, service, user_id, priority, birth)

    @precondition(lambda self: self.oracle.tasks)
    @rule(target=seen, pick=picks, move=st.integers(0, 30), due_at_once=st.booleans())
    def act(self, pick: int, move: int, due_at_once: bool) -> Seen:
        """Somebody acts on what stands now."""
        return self.act_on(self.seen_now(chosen(pick, self.oracle.tasks)), move, due_at_once)

    @precondition(lambda self: self.oracle.dispatch.at_work)
    @rule(target=seen, pick=picks, move=st.integers(0, 30), due_at_once=st.booleans())
    def work(self, pick: int, move: int, due_at_once: bool) -> Seen:
        """An owner goes on with a task that it holds."""
        task_id = chosen(pick, self.oracle.at_work())
        return self.act_on(self.seen_now(task_id), move, due_at_once, OWNERS_MOVES)

    @rule(target=seen, seen=seen, move=st.integers(0, 30), due_at_once=st.booleans())
    def act_on_what_was_seen(self, seen: Seen, move: int, due_at_once: bool) -> Seen:
        """Somebody acts on a snapshot that may be long outdated."""
        return self.act_on(seen, move, due_at_once)

    @rule(owner=owners, slots=st.integers(0, 3), limits=limits)
    def claim(self, owner: str, slots: int, limits: Limits) -> None:
        self.claim_for(owner, slots, limits)

    @rule(owner=owners, limits=limits)
    def repeat_claim(self, owner: str, limits: Limits) -> None:
        """An owner asks again for what it never got the answer to."""
        self.claim_again(owner, limits)

    @rule(wrong=st.booleans(), some=st.sets(ids), lease_s=st.sampled_from((LEASE_S, 2 * LEASE_S)))
    def renew(self, wrong: bool, some: set[str], lease_s: float) -> None:
        """An owner renews leases, among them perhaps such as it has lost, or never had."""
        tasks = {task_id: self.oracle.tasks.get(task_id) for task_id in sorted(some)}
        held = {task_id: (task and task.lease) or NEVER_GIVEN for task_id, task in tasks.items()}
        if wrong:
            held = {task_id: replace(lease, epoch=lease.epoch + 1) for task_id, lease in held.items()}
        self.renew_all(held, lease_s)

    @precondition(lambda self: self.oracle.dispatch.at_work)
    @rule(pick=picks)
    def expire_lease(self, pick: int) -> None:
        self.expire_lease_of(chosen(pick, self.oracle.at_work()))

    @precondition(lambda self: self.oracle.dispatch.at_work)
    @rule(owner=owners, number=st.integers(1, 3))
    def take_over(self, owner: str, number: int) -> None:
        self.take_over_for(owner, number)

    @rule(owner=owners)
    def repeat_take_over(self, owner: str) -> None:
        self.take_over_again(owner)

    @rule(hours=st.integers(1, 3))
    def let_retries_come_due(self, hours: int) -> None:
        self.oracle.now += hours * HOUR
        self.do(self.store.come_due(self.oracle.now))

    # --- what holds after every step ---------------------------------------------------------------------------

    @invariant()
    def ledgers_and_records_stand_as_they_should(self) -> None:
        for snapshot in self.do(self.store.tasks.load(IDS)):
            assert snapshot == self.oracle.snapshot(snapshot.task_id)
            assert repr(snapshot.record) == repr(self.oracle.records.get(snapshot.task_id))

    @invariant()
    def the_live_and_the_ended_are_known(self) -> None:
        assert self.do(self.live_ids()) == self.oracle.live
        ended = self.do(self.store.tasks.recently_ended_ids(100 * HOUR.total_seconds()))
        assert list(ended) == self.oracle.ended[::-1]

    @precondition(lambda self: self.oracle.now - self.opened_at < DAY)
    @invariant()
    def each_end_is_counted_once(self) -> None:
        first = int(self.opened_at.timestamp()) // 60
        counted = total(self.do(self.store.tallies.by_minute(range(first, first + 25 * 60))).values())
        assert {
            TaskStatus.COMPLETED: counted.completed,
            TaskStatus.FAILED: counted.failed,
            TaskStatus.CANCELLED: counted.cancelled,
        } == {status: self.oracle.ends[status] for status in TERMINAL}

    @invariant()
    def the_queue_is_shown_as_it_is(self) -> None:
        overview = self.do(self.store.queue.overview(heads_per_lane=2))
        assert shows(overview, self.oracle.dispatch, self.oracle.now)
        if not self.oracle.due_retries():
            assert list(overview.heads) == heads_of(self.oracle.dispatch, 2)

    @precondition(lambda self: self.oracle.dispatch.waiting and not self.oracle.due_retries())
    @rule(pick=picks)
    def ask_where_a_task_stands(self, pick: int) -> None:
        """An operator asks why a task waits."""
        dispatch = self.oracle.dispatch
        at_once = {queued.task_id: queued for queued in dispatch.waiting if queued.not_before is None}
        if at_once:
            queued = at_once[chosen(pick, at_once)]
            found = self.do(self.store.positions.of(self.oracle.tasks[queued.task_id]))
            assert relative(found) == relative(position_of(dispatch, queued, self.oracle.now))

    @precondition(lambda self: self.steps % 5 == 0)
    @invariant()
    def the_blocks_are_listed(self) -> None:
        page = self.do(self.store.blocks.page())
        assert Blocks(page.everybody, page.users) == self.oracle.blocks

    # --- steps -------------------------------------------------------------------------------------------------

    def submit_now(self, task_id: str, service: str, user_id: str, priority: Priority, birth: str) -> Seen:
        self.save_new(task_id, service, user_id, priority)
        seen = self.seen_now(task_id)
        return self.commit(seen, *outcomes(seen.snapshot, self.moment())[birth])

    def act_on(self, seen: Seen, move: int, due_at_once: bool, moves: Collection[str] = EVERY_MOVE) -> Seen:
        possible = outcomes(seen.snapshot, self.moment(due_at_once))
        possible = {name: met for name, met in possible.items() if name in moves}
        return self.commit(seen, *possible[chosen(move, possible)]) if possible else seen
