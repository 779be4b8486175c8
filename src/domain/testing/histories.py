"""Lives of tasks: a record is accepted, then commands come, some of them illegal or from owners who lost the task."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from hypothesis import strategies as st

from domain.errors import DomainError
from domain.record import Record
from domain.task import Task, Token
from domain.testing.commands import Command, Occasion, commands, legal_commands
from domain.testing.documents import registered_records
from domain.testing.moments import EPOCH, clock_readings
from domain.values import Lease

NEVER_GIVEN: Token = (0, "never given")

_RECORDS = registered_records()
_ONE_IN_FOUR = st.sampled_from((False, False, False, True))


@dataclass(frozen=True, slots=True)
class Step:
    """A command and what the clock shows then."""

    command: Command
    at: datetime


@dataclass(frozen=True, slots=True)
class Played:
    """What a step did: ``after`` is ``before`` where the command was refused."""

    step: Step
    before: Task
    after: Task
    refusal: DomainError | None


class Player:
    """Tries commands on a task, and knows whose lease is lost."""

    def __init__(self, task: Task) -> None:
        self.task = task
        self._lost = NEVER_GIVEN
        self._leases = task.lease.epoch if task.lease is not None else 0

    def play(self, step: Step) -> Played:
        """Try one step."""
        before = self.task
        refusal: DomainError | None = None
        try:
            self.task = step.command.apply(before, self._occasion(step))
        except DomainError as error:
            refusal = error
        if before.lease is not None and self.task.lease != before.lease:
            self._lost = before.lease.token
        return Played(step, before, self.task, refusal)

    def _occasion(self, step: Step) -> Occasion:
        self._leases += 1
        lease = Lease(f"replica-{self._leases % 3}", self._leases, f"{self._leases:016x}")
        held = self.task.lease
        token = self._lost if step.command.stale or held is None else held.token
        return Occasion(step.at, token, lease)


@dataclass(frozen=True, slots=True)
class History:
    """A record that was accepted, and the steps that followed."""

    record: Record
    steps: tuple[Step, ...] = ()

    def play(self) -> Iterator[Played]:
        """Try the steps one after the other."""
        player = Player(Task.accept(self.record, EPOCH))
        for step in self.steps:
            yield player.play(step)

    @property
    def tasks(self) -> tuple[Task, ...]:
        """The task as it was after its acceptance and after each step."""
        return Task.accept(self.record, EPOCH), *(played.after for played in self.play())


@st.composite
def histories(draw: st.DrawFn, max_size: int = 12) -> History:
    """Histories in which most commands are legal when they come.

    Example: ``History(record, (Step(Command("claim"), at), Step(Command("dispatch", stale=True), at)))``.
    """
    history = History(draw(_RECORDS))
    player = Player(Task.accept(history.record, EPOCH))
    steps = []
    for at in draw(clock_readings(max_size)):
        wild = draw(_ONE_IN_FOUR)
        step = Step(draw(commands() if wild else commands(*legal_commands(player.task))), at)
        player.play(step)
        steps.append(step)
    return History(history.record, tuple(steps))
