"""The state machine's rules for a store that fails over, and for what is written again then."""

from hypothesis import strategies as st
from hypothesis.stateful import invariant, precondition, rule

from domain.dispatch import Limits
from domain.ports import Snapshot
from domain.reconcile import reconcile
from domain.recovery import recover
from domain.task import Task
from tests.stores.machine import HOUR
from tests.stores.oracle import Oracle, Seen
from tests.stores.rules import IDS, StoreMachine, chosen, owners, picks


class FailOverMachine(StoreMachine):
    """Nobody watches here: a watch takes its time to stand again, and has tests of its own."""

    replicas = 0
    seen = StoreMachine.seen

    def __init__(self) -> None:
        super().__init__()
        self.saved: tuple[object, Oracle] | None = None
        self.known: dict[str, list[Task]] = {}
        """Every version of each ledger, the latest last, whatever a fail-over has lost."""

    @rule()
    def save_state(self) -> None:
        self.saved = self.do(self.store.save()), self.oracle.saved()

    @precondition(lambda self: self.saved)
    @rule(everything=st.sampled_from((False, False, True)), restores=st.booleans())
    def fail_over(self, everything: bool, restores: bool) -> None:
        """The server is one that lacks much. Those who know what it lacks may be quick to write it again."""
        assert self.saved is not None
        self.every_version_of_a_ledger_is_remembered()
        state, oracle = (None, Oracle(self.oracle.now)) if everything else self.saved
        self.do(self.store.fail_over(state))
        self.oracle.fail_over(oracle)
        self.recovering = True
        if restores:
            self.restore_all()

    @rule(owner=owners, slots=st.integers(1, 3))
    def claim_without_a_window(self, owner: str, slots: int) -> None:
        self.end_window()
        self.claim_for(owner, slots, Limits())

    @rule(owner=owners, slots=st.integers(1, 3), restores=st.booleans())
    def lose_a_claim(self, owner: str, slots: int, restores: bool) -> None:
        self.save_state()
        self.claim_without_a_window(owner, slots)
        self.fail_over(everything=False, restores=restores)

    @precondition(lambda self: self.oracle.dispatch.at_work)
    @rule(owner=owners, pick=picks, is_repeated=st.booleans())
    def take_over_without_a_window(self, owner: str, pick: int, is_repeated: bool) -> None:
        self.end_window()
        self.expire_lease(pick)
        self.take_over_for(owner, 3)
        if is_repeated:
            self.take_over_again(owner)

    @rule()
    def end_window(self) -> None:
        if self.recovering:
            self.do(self.store.end_window())
            self.recovering = False

    @precondition(lambda self: self.known)
    @rule(target=seen, pick=picks, back=st.integers(0, 3))
    def restore(self, pick: int, back: int) -> Seen:
        """Somebody remembers a task, perhaps not the latest of it, and writes what the store lacks of it."""
        versions = self.known[chosen(pick, self.known)]
        return self.write_again(versions[max(0, len(versions) - 1 - back)])

    @precondition(lambda self: self.known)
    @rule(target=seen, pick=picks, back=st.integers(0, 3))
    def put_back(self, pick: int, back: int) -> Seen:
        """A store judges nothing: an older ledger may be written over whatever is there."""
        versions = self.known[chosen(pick, self.known)]
        task = versions[max(0, len(versions) - 1 - back)]
        seen = self.seen_now(task.task_id)
        return seen if self.is_overtaken(task) else self.commit(seen, task, seen.snapshot.record)

    @invariant()
    def every_version_of_a_ledger_is_remembered(self) -> None:
        for task_id, task in self.oracle.tasks.items():
            versions = self.known.setdefault(task_id, [])
            if not versions or versions[-1] != task:
                versions.append(task)

    @invariant()
    def every_read_tells_whether_a_window_is_open(self) -> None:
        assert {snapshot.recovering for snapshot in self.do(self.store.tasks.load(IDS))} == {self.recovering}

    @invariant()
    def the_live_and_the_ended_are_known(self) -> None:
        """What was ended again may stand anywhere among what has ended."""
        assert self.do(self.live_ids()) == self.oracle.live
        ended = self.do(self.store.tasks.recently_ended_ids(100 * HOUR.total_seconds()))
        assert sorted(ended) == sorted(self.oracle.ended)

    # --- steps -------------------------------------------------------------------------------------------------

    def restore_all(self) -> None:
        for versions in self.known.values():
            self.write_again(versions[-1])

    def is_overtaken(self, task: Task) -> bool:
        """Whether a later lease was given than the one that the task bears: nobody may write that one again."""
        return task.lease is not None and task.lease.epoch < self.oracle.latest_epoch(task.task_id)

    def write_again(self, kept: Task) -> Seen:
        """Do as the application does (`application.ledger.Ledger.restore`)."""
        seen = self.seen_now(kept.task_id)
        at = self.moment().at
        task = _restored(kept, seen.snapshot)
        if task is None or self.is_overtaken(task):
            return seen
        if seen.snapshot.record is None:
            task = task.lose_record(at)
        met = reconcile(task, seen.snapshot.record, at)
        return self.commit(seen, met.task, met.record)


def _restored(kept: Task, found: Snapshot) -> Task | None:
    if found.record is not None and not kept.incarnation.is_same_as(found.record.incarnation):
        return None
    return recover(kept, found.task, kept.updated_at)
