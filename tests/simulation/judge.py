"""Watches every operation on the store and all work, and notes whatever breaks a rule, at once."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence

from adapters.memory import MemoryDatabase
from domain.dispatch import Limits
from domain.ports import Snapshot
from domain.task import Task
from domain.values import Lease, TaskStatus
from tests.simulation.calls import Calls
from tests.simulation.faults import Fault
from tests.simulation.generation_rules import Commit, GenerationRules
from tests.simulation.generations import Generations
from tests.simulation.knowledge import Knowledge, Moment
from tests.simulation.lease_book import LeaseBook
from tests.simulation.ledger_rules import wrongs_of_commit, wrongs_of_restoring
from tests.simulation.loop import Life, SimulationLoop
from tests.simulation.policy import Policy
from tests.simulation.story import Story


def number_of(task: Task) -> int:
    """Which task of the plan it is; an id may come to stand for another one."""
    return int(str(task.parameters["number"]))


class Judge:
    """Sees the store as it is, not as a process is told. Its own account of leases is by the true time."""

    def __init__(self, loop: SimulationLoop, database: MemoryDatabase, limits: Limits, story: Story) -> None:
        self.alarm: asyncio.Future[None] = loop.create_future()
        """Done as soon as a rule was broken."""
        self.faults: list[Fault] = []
        self.tasks: dict[str, Task] = {}
        """Every ledger as it stands."""
        self.knowledge = Knowledge()
        self.calls = Calls()
        self.generations = Generations(loop)
        self._generation_rules = GenerationRules(self.generations, self.calls)
        self.lives: dict[str, Life] = {}
        """Every process of the run by its name, in the order of their starts."""
        self.window_ends = -1.0
        """When the latest recovery window ends; the true time."""
        self.reused_ids: set[str] = set()
        """Ids that came to stand for another task."""
        self.clocks_have_jumped = False
        """Whether some process's clock was wrong at any time."""
        self.orphans_may_go_on = False
        """Whether work of a cluster may go on that no ledger knows, since a fail-over lost it and its owner died."""
        self._moments = 0
        self._loop = loop
        self._database = database
        self._policy = Policy(limits)
        self._limits = limits
        self._leases = LeaseBook(self.knowledge, self.lives)
        self._story = story

    def fault(self, rule: str, detail: str) -> None:
        """Note that a rule was broken."""
        found = Fault(rule, detail, self._loop.time())
        self.faults.append(found)
        self._story.tell("JUDGE", f"{rule}: {detail}")
        if not self.alarm.done():
            self.alarm.set_result(None)

    def moment(self) -> Moment:
        """Return the present, later than any moment before."""
        self._moments += 1
        return Moment(self._loop.time(), self._moments, self.knowledge.servers)

    @property
    def recovers(self) -> bool:
        """Whether a recovery window is open."""
        return self._loop.time() < self.window_ends

    # --- the store -----------------------------------------------------------------------------------------------

    def committed(self, life: Life, before: Snapshot, admitted: bool) -> None:
        """A commit was done, based on ``before``."""
        task_id = before.task_id
        old, new = self.tasks.get(task_id), self._now(task_id)
        if new is None or new is old:
            return
        recovering = self.recovers or before.recovering or self._restores_own_word(life, old)
        if old is None or number_of(old) != number_of(new):
            # What was lost altogether may be written again at any time after a fail-over.
            if (new.attempts or new.lease) and not self.knowledge.servers:
                self.fault("a ledger began in the midst", f"task {task_id} by {life.name}: {new}")
        elif recovering:
            self._faults("a restored ledger is wrong", task_id, wrongs_of_restoring(old, new))
        else:
            self._faults("a commit is wrong", task_id, wrongs_of_commit(old, new, life.name))
        if task_id not in self.reused_ids:
            self._hold_generations(life, before, old, new)
        if old is not None and before.own_task is not None and _is_unheard_cancel(before, old, new):
            self.fault("a cancel in the record was not obeyed", f"task {task_id} by {life.name}: {new.status}")
        if admitted and self._database.blocks.flags_for(new.user_id, self._database.clock.now()).user:
            self.fault("a blocked user's task was accepted", f"task {task_id} of {new.user_id}")
        self._take(task_id, new)

    def claimed(
        self, owner: str, nonces: Sequence[str], limits: Limits, lease_s: float, claimed: Sequence[Snapshot]
    ) -> None:
        """A claim was done."""
        if limits != self._limits:
            self.fault("a claim did not tell the limits", f"{owner}: {limits}")
        tasks = _tasks(claimed)
        if self.recovers:
            self._none_leased_anew("a claim", owner, tasks)
        else:
            now = self._database.clock.now()
            for wrong in self._policy.wrongs_of_claim(owner, nonces, tasks, now, self.tasks):
                self.fault("a claim is against the policy", f"{owner}: {wrong}")
        self._leased(owner, tasks, lease_s)

    def taken_over(self, owner: str, lease_s: float, taken: Sequence[Snapshot]) -> None:
        """A take-over was done."""
        tasks = _tasks(taken)
        if self.recovers:
            self._none_leased_anew("a take-over", owner, tasks)
        for task in tasks:
            wrong = self._leases.wrong_of_take_over(task.task_id, task.lease, self._loop.time())
            if wrong is not None:
                self.fault(wrong[0], f"{wrong[1]}, by {owner}")
        self._leased(owner, tasks, lease_s)

    def renewed(self, leases: Mapping[str, Lease], lease_s: float, lost: frozenset[str]) -> None:
        """A renewal was done."""
        for task_id, lease in leases.items():
            task = self.tasks.get(task_id)
            if (task_id in lost) is (task is not None and task.lease == lease):
                self.fault("a renewal told the wrong", f"task {task_id}: {lease}, lost: {task_id in lost}")
            if task_id not in lost:
                self._leases.begins(task_id, lease, self._loop.time() + lease_s)

    def failed_over(self, window_s: float) -> None:
        """The store is another one, with the ledgers that it has now."""
        self.window_ends = self._loop.time() + window_s
        self.knowledge.failed_over()
        self.generations.failed_over()
        known = self._database.ledgers
        self.tasks = {task_id: ledger.task for task_id in self.tasks if (ledger := known.get(task_id)) is not None}
        self._policy.forget(self.tasks.values())
        self._leases.failed_over(self.tasks.values(), self._loop.time())

    def _hold_generations(self, life: Life, before: Snapshot, old: Task | None, new: Task) -> None:
        if old is None:
            self.generations.take(life, new)  # a ledger that was lost may be written again and retried in one commit
            return
        commit = Commit(life, before, old, new)
        for rule, detail in self._generation_rules.wrongs_of(commit, clocks_agree=not self.clocks_have_jumped):
            self.fault(rule, detail)

    def _restores_own_word(self, life: Life, old: Task | None) -> bool:
        """Whether an owner may write again what a fail-over lost: nobody else has had the task since."""
        is_owner = old is not None and old.lease is not None and old.lease.owner == life.name
        return is_owner and self.knowledge.servers > 0

    def _none_leased_anew(self, what: str, owner: str, tasks: Iterable[Task]) -> None:
        """A repeated call returns what it leased before; nothing else is leased in a recovery window."""
        for task in tasks:
            if task.lease != self.tasks[task.task_id].lease:
                self.fault(f"{what} in a recovery window", f"task {task.task_id} by {owner}")

    def _leased(self, owner: str, tasks: Iterable[Task], lease_s: float) -> None:
        for task in tasks:
            assert task.lease is not None
            old = self.tasks[task.task_id]
            if task.lease.owner != owner or (old.lease is not None and task.lease.epoch < old.lease.epoch):
                self.fault("a lease is wrong", f"task {task.task_id} by {owner}: {old.lease}, {task.lease}")
            if old.lease != task.lease and old.lease is not None and old.lease.token == task.lease.token:
                self.fault("a fencing token came again", f"task {task.task_id} by {owner}: {task.lease}")
            self._take(task.task_id, task)
            self._leases.begins(task.task_id, task.lease, self._loop.time() + lease_s)

    def _take(self, task_id: str, task: Task) -> None:
        self.tasks[task_id] = task
        self._policy.see(task)
        self._leases.see(task, self._loop.time())

    def _now(self, task_id: str) -> Task | None:
        ledger = self._database.ledgers.get(task_id)
        return None if ledger is None else ledger.task

    def _faults(self, rule: str, task_id: str, wrongs: Iterable[str]) -> None:
        for wrong in wrongs:
            self.fault(rule, f"task {task_id}: {wrong}")


def _is_unheard_cancel(before: Snapshot, old: Task, new: Task) -> bool:
    """Whether the record said that a live task is cancelled, which it was not, and still is not to be (design §1).

    Of a task that was retried it may be the late word of a generation before.
    """
    assert before.record is not None
    said = before.record.status == TaskStatus.CANCELLED and old.generation == 1
    return said and not (old.is_terminal or old.saw_cancel or new.is_terminal or new.saw_cancel)


def _tasks(snapshots: Sequence[Snapshot]) -> list[Task]:
    return [snapshot.task for snapshot in snapshots if snapshot.task is not None]
