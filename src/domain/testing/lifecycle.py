"""Tasks in every status, each with a past: they come about by legal transitions alone."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from hypothesis import strategies as st

from domain.reconcile import reconcile
from domain.task import Task
from domain.testing.commands import commands, legal_commands, next_command
from domain.testing.documents import registered_records
from domain.testing.histories import Player, Step
from domain.testing.identity import traceparents
from domain.testing.moments import EPOCH, offsets
from domain.values import TaskStatus

_ON_THE_WAY = frozenset(
    ("claim", "take_over", "dispatch", "start", "report", "retry_later", "hand_back", "lose_owner", "change_priority")
)

_WAYS: dict[TaskStatus, tuple[str, ...]] = {
    TaskStatus.PENDING: ("hand_back",),
    TaskStatus.DISPATCHING: ("hand_back", "claim", "dispatch"),
    TaskStatus.RUNNING: ("claim", "dispatch", "start"),
    TaskStatus.COMPLETED: ("claim", "dispatch", "start", "complete"),
    TaskStatus.FAILED: ("claim", "fail"),
    TaskStatus.CANCEL_REQUESTED: ("claim", "request_cancel"),
    TaskStatus.CANCELLED: ("request_cancel", "confirm_cancel"),
}
"""From any live task that was not asked to stop: steps that are legal by then are taken, others left out."""

_ENDS = st.sampled_from((_WAYS[TaskStatus.FAILED], _WAYS[TaskStatus.CANCELLED]))
_ONE_IN_FOUR = st.sampled_from((False, False, False, True))
_RECORDS = registered_records()


def tasks(status: TaskStatus | None = None) -> st.SearchStrategy[Task]:
    """Tasks of one status, or of any: with attempts behind them, retried by an operator, with lines of the frontend.

    Example: ``tasks(TaskStatus.RUNNING)`` yields tasks with a lease, an open attempt and a name in ``active_jobs``.
    """
    wanted = st.sampled_from(TaskStatus) if status is None else st.just(status)
    return wanted.flatmap(_tasks)


@st.composite
def _tasks(draw: st.DrawFn, status: TaskStatus) -> Task:
    record = draw(_RECORDS)
    accepted = Task.accept(record, EPOCH, traceparent=draw(st.none() | traceparents()))
    life = _Life(draw, Player(reconcile(accepted, record, EPOCH).task))
    if draw(_ONE_IN_FOUR):
        life.wander()
        life.follow(draw(_ENDS))
        life.follow(("reopen",))
    life.wander()
    life.follow(() if life.task.status is status else _WAYS[status])
    return replace(life.task.learn(record.logs), order=draw(st.integers(1, 2**40)))


class _Life:
    """Draws what happens to a task, as time goes on in one zone."""

    def __init__(self, draw: st.DrawFn, player: Player) -> None:
        self._draw = draw
        self._player = player
        self._zone = draw(offsets())
        self._now = EPOCH

    @property
    def task(self) -> Task:
        return self._player.task

    def wander(self) -> None:
        """Take a few steps that end nothing."""
        for _ in range(self._draw(st.integers(0, 5))):
            usual = next_command(self.task)
            if usual in _ON_THE_WAY and self._draw(st.booleans()):
                self._take([usual])
            else:
                self._take(name for name in legal_commands(self.task) if name in _ON_THE_WAY)

    def follow(self, names: Iterable[str]) -> None:
        for name in names:
            if name in legal_commands(self.task):
                self._take([name])

    def _take(self, names: Iterable[str]) -> None:
        command = replace(self._draw(commands(*names)), stale=False)
        self._player.play(Step(command, self._tick()))

    def _tick(self) -> datetime:
        self._now += timedelta(seconds=self._draw(st.integers(0, 60)))
        return self._now.astimezone(self._zone)
