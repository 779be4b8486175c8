"""Long random histories: every store claims what the domain's model claims, in the same order."""

from collections.abc import Callable
from datetime import datetime, timedelta
from random import Random
from typing import Any

import pytest

from domain.dispatch import DispatchState, Limits
from domain.ports import Snapshot
from domain.task import Task
from domain.values import Priority
from tests.stores.expected_overview import shows
from tests.stores.harness import StoreHarness
from tests.stores.story import Story, task_of

USERS = ("alice", "bob", "carol", "dave", "erin")
SERVICES = ("sync", "cp", "rm")
MOST_LIVE = 60
HOUR = timedelta(hours=1)


class RandomHistory:
    """Plays steps on a store, and the same ones on the model."""

    def __init__(self, store: StoreHarness, seed: int) -> None:
        self.store = store
        self.story = Story(store)
        self.random = Random(seed)
        self.now = store.now()
        """Retries up to this moment are due."""
        self.model = DispatchState()
        self.live: dict[str, Snapshot] = {}
        self.ended: list[Snapshot] = []
        self.claims = 0
        self._next_id = 0

    async def step(self) -> None:
        steps: list[tuple[int, Callable[[], Any]]] = [
            (30 if len(self.live) < MOST_LIVE else 1, self.accept),
            (30, self.claim),
            (25, self.end),
            (4, self.hand_back),
            (4, self.retry_later),
            (3, self.let_time_pass),
            (4, self.cancel),
            (4, self.change_priority),
            (2, self.reopen),
            (2, self.use_an_id_again),
            (2, self.take_over),
        ]
        weights, actions = zip(*steps, strict=True)
        await self.random.choices(actions, weights)[0]()

    async def accept(self) -> None:
        self._next_id += 1
        await self._accept(str(self._next_id))

    async def claim(self) -> None:
        limits = Limits(
            per_user=self.random.choice((None, 1, 2, 5)),
            per_service={"sync": self.random.randrange(6)} if self.random.random() < 0.3 else {},
            every_service=self.random.choice((None, None, 3)),
        )
        slots = self.random.randrange(4)
        self.model, expected = self.model.claim(limits, self.now, slots)
        claimed = await self.story.claim(slots, limits)
        assert [snapshot.task_id for snapshot in claimed] == [queued.task_id for queued in expected]
        self.live |= {snapshot.task_id: snapshot for snapshot in claimed}
        self.claims += len(claimed)

    async def end(self) -> None:
        await self._change_leased(lambda task, at: task.fail(_token(task), "no such path", at))

    async def hand_back(self) -> None:
        await self._change_leased(lambda task, at: task.hand_back(_token(task), at, "shutdown"))

    async def retry_later(self) -> None:
        retry_at = self.random.choice((self.store.now() - HOUR, self.now + HOUR, self.now + 2 * HOUR))
        await self._change_leased(
            lambda task, at: task.dispatch(_token(task), at).retry_later(_token(task), "network", retry_at, at)
        )

    async def let_time_pass(self) -> None:
        self.now += HOUR
        await self.store.come_due(self.now)

    async def cancel(self) -> None:
        if self.live:
            await self._change(self._any_live(), lambda task, at: task.request_cancel(at))

    async def change_priority(self) -> None:
        if self.live:
            priority = self.random.choice(tuple(Priority))
            await self._change(self._any_live(), lambda task, at: task.change_priority(priority, at))

    async def reopen(self) -> None:
        if self.ended:
            snapshot = self.ended.pop(self.random.randrange(len(self.ended)))
            await self._change(snapshot, lambda task, at: task.reopen(at))

    async def use_an_id_again(self) -> None:
        if self.live:
            await self._accept(self._any_live().task_id)

    async def take_over(self) -> None:
        leased = self._leased()
        if leased:
            task_id = self.random.choice(leased).task_id
            await self.store.expire_lease(task_id)
            (self.live[task_id],) = await self.story.take_over()
            assert self.live[task_id].task_id == task_id

    async def check_counts(self) -> None:
        assert shows(await self.store.queue.overview(), self.model, self.now)

    # --- steps -------------------------------------------------------------------------------------------------

    async def _accept(self, task_id: str) -> None:
        service, user_id = self.random.choice(SERVICES), self.random.choice(USERS)
        self._keep(await self.story.accept(task_id, service, user_id, self.random.choice(tuple(Priority))))

    async def _change_leased(self, rule: Callable[[Task, datetime], Task]) -> None:
        pending = [one for one in self._leased() if not task_of(one).saw_cancel]
        if pending:
            await self._change(self.random.choice(pending), rule)

    async def _change(self, snapshot: Snapshot, rule: Callable[[Task, datetime], Task]) -> None:
        self._keep(await self.story.change(snapshot, rule(task_of(snapshot), self.story.at())))

    def _keep(self, snapshot: Snapshot) -> None:
        task = task_of(snapshot)
        self.model = self.model.with_task(task)
        if task.is_terminal:
            self.live.pop(task.task_id, None)
            self.ended.append(snapshot)
        else:
            self.live[task.task_id] = snapshot

    def _any_live(self) -> Snapshot:
        return self.random.choice(tuple(self.live.values()))

    def _leased(self) -> list[Snapshot]:
        return [snapshot for snapshot in self.live.values() if task_of(snapshot).lease is not None]


def _token(task: Task) -> tuple[int, str]:
    assert task.lease is not None
    return task.lease.token


@pytest.mark.parametrize("seed", [1, 2])
async def test_a_store_claims_as_the_model_does(store: StoreHarness, seed: int, request: pytest.FixtureRequest) -> None:
    steps = 10_000 if request.node.callspec.params["open_store"] == "memory" else 2_000
    history = RandomHistory(store, seed)
    for number in range(steps):
        await history.step()
        if number % 20 == 0:
            await history.check_counts()
    assert history.claims > steps / 10
