"""Random histories, played on Redis and on the domain's model of the queue at once."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st

from domain.dispatch import DispatchState, Limits
from domain.ports import Snapshot
from domain.task import Task
from domain.values import Priority
from tests.redis import queue_keys
from tests.redis.desk import Desk, task_of, token_of

# Few, so that much happens to each of them.
USERS = ("alice", "kim:이하나 %c*/", "")
SERVICES = ("sync", "a:b %s")
LONG_AGO = timedelta(days=-1)
FAR_AWAY = timedelta(days=1)

small = st.integers(min_value=0, max_value=11)
steps = st.one_of(
    st.tuples(st.just("accept"), st.sampled_from(USERS), st.sampled_from(SERVICES), st.sampled_from(Priority)),
    st.tuples(st.just("claim"), st.integers(min_value=0, max_value=4)),
    st.tuples(st.sampled_from(("end", "hand_back", "cancel", "reopen", "take_over", "give_id_away")), small),
    st.tuples(st.just("retry"), small, st.sampled_from((LONG_AGO, FAR_AWAY))),
    st.tuples(st.just("move"), small, st.sampled_from(Priority)),
)
limits = st.builds(
    Limits,
    per_user=st.sampled_from((None, 1, 2)),
    per_service=st.sampled_from(({}, {"a:b %s": 1}, {"sync": 0})),
    every_service=st.sampled_from((None, 2)),
)


@dataclass
class History:
    """Plays steps on Redis and on the domain's model of the queue."""

    desk: Desk
    state: DispatchState = field(default_factory=DispatchState)
    tasks: dict[str, Snapshot] = field(default_factory=dict)
    still_delayed: set[str] = field(default_factory=set)
    users_served: set[str] = field(default_factory=set)

    async def play(self, step: tuple[object, ...]) -> None:
        match step:
            case ("accept", str(user), str(service), Priority() as priority):
                await self._accept(str(len(self.tasks) + 1), user, service, priority)
            case ("claim", int(slots)):
                await self._claim(slots)
            case ("retry", int(which), timedelta() as delay):
                await self._retry(which, delay)
            case ("move", int(which), Priority() as priority):
                await self._move(which, priority)
            case (str(verb), int(which)):
                await self._change_one(verb, which)
            case _:
                raise AssertionError(step)

    async def check(self) -> None:
        """Compare every key with what the ledgers imply."""
        tasks = [task_of(snapshot) for snapshot in self.tasks.values()]
        implied = queue_keys.expected(tasks, self.still_delayed, self.users_served)
        assert await queue_keys.found(self.desk.redis) == implied

    async def finish(self) -> None:
        """Bring every task to its end."""
        for snapshot in list(self.tasks.values()):
            task, at = task_of(snapshot), self.desk.clock.now()
            if task.lease is not None:
                await self._commit(snapshot, self._ended(task))
            elif not task.is_terminal:
                await self._commit(snapshot, task.request_cancel(at))

    # --- steps -------------------------------------------------------------------------------------------------

    async def _accept(self, task_id: str, user: str, service: str, priority: Priority) -> None:
        self._note(await self.desk.accept(task_id, user_id=user, service=service, priority=str(priority)))

    async def _claim(self, slots: int) -> None:
        now = datetime.now(UTC)
        claimed = await self.desk.claim(slots)
        self.state, chosen = self.state.claim(self.desk.limits, now, slots)
        assert [snapshot.task_id for snapshot in claimed] == [queued.task_id for queued in chosen]
        due = {id_ for id_ in self.still_delayed if (at := task_of(self.tasks[id_]).retry_at) is not None and at <= now}
        self.still_delayed -= due
        for snapshot in claimed:
            self.users_served.add(task_of(snapshot).user_id)
            self._note(snapshot)

    async def _retry(self, which: int, delay: timedelta) -> None:
        for snapshot in self._pick(which, self._leased(cancelled=False)):
            # Only work that began can fail so that it is tried again.
            at = self.desk.clock.now()
            task = task_of(snapshot)
            if not task.is_attempted:
                task = task.dispatch(token_of(snapshot), at)
            again = task.retry_later(token_of(snapshot), "network", datetime.now(UTC) + delay, at)
            await self._commit(snapshot, again)
            self.still_delayed.add(snapshot.task_id)

    async def _move(self, which: int, priority: Priority) -> None:
        for snapshot in self._pick(which, [s for s in self.tasks.values() if not task_of(s).is_terminal]):
            task = task_of(snapshot)
            await self._commit(snapshot, task.change_priority(priority, self.desk.clock.now()))
            if task.retry_at is not None and priority is not task.priority:
                # It moves as a delayed task does, and the next claim finds again that it is due.
                self.still_delayed.add(task.task_id)

    async def _change_one(self, verb: str, which: int) -> None:
        at = self.desk.clock.now()
        everything = list(self.tasks.values())
        match verb:
            case "end":
                for snapshot in self._pick(which, self._leased()):
                    await self._commit(snapshot, self._ended(task_of(snapshot)))
            case "hand_back":
                for snapshot in self._pick(which, self._leased(cancelled=False)):
                    await self._commit(snapshot, task_of(snapshot).hand_back(token_of(snapshot), at, "shutdown"))
            case "cancel":
                for snapshot in self._pick(which, [s for s in everything if not task_of(s).is_terminal]):
                    await self._commit(snapshot, task_of(snapshot).request_cancel(at))
            case "reopen":
                for snapshot in self._pick(which, [s for s in everything if task_of(s).status.value == "cancelled"]):
                    await self._commit(snapshot, task_of(snapshot).reopen(at))
            case "take_over":
                for snapshot in self._pick(which, self._leased()):
                    await self.desk.redis.zadd("dms:scheduler:live", {snapshot.task_id: 1})
                    (taken,) = await self.desk.queue.take_over("replica-2", self.desk.nonces(1), 60.0)
                    self._note(taken)
            case "give_id_away":
                for snapshot in self._pick(which, everything):
                    await self._give_id_away(snapshot, at)

    async def _give_id_away(self, snapshot: Snapshot, at: datetime) -> None:
        old = task_of(snapshot)
        self._note(
            await self.desk.accept(old.task_id, user_id=old.user_id, service=old.service, created_at=at.isoformat())
        )

    def _ended(self, task: Task) -> Task:
        assert task.lease is not None
        return task.fail(task.lease.token, "no such path", self.desk.clock.now())

    async def _commit(self, snapshot: Snapshot, task: Task) -> None:
        self._note(await self.desk.change(snapshot, task))

    def _note(self, snapshot: Snapshot) -> None:
        task = task_of(snapshot)
        self.tasks[task.task_id] = snapshot
        self.state = self.state.with_task(task)
        if not task.is_waiting or task.retry_at is None:
            self.still_delayed.discard(task.task_id)
        self.users_served &= {task_of(s).user_id for s in self.tasks.values() if not task_of(s).is_terminal}

    def _leased(self, *, cancelled: bool = True) -> list[Snapshot]:
        held = [s for s in self.tasks.values() if task_of(s).lease is not None]
        return held if cancelled else [s for s in held if not task_of(s).saw_cancel]

    def _pick(self, which: int, among: list[Snapshot]) -> list[Snapshot]:
        return [among[which % len(among)]] if among else []
