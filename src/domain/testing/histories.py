"""Lives of tasks: a record is accepted, then commands come, some of them illegal or from owners who lost the task."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from hypothesis import strategies as st

from domain.errors import DomainError
from domain.record import Record
from domain.task import Task, Token
from domain.testing.commands import COMMANDS, Command, Occasion, commands, legal_commands, next_command
from domain.testing.documents import registered_records
from domain.testing.moments import EPOCH, clock_readings
from domain.values import Lease

NEVER_GIVEN: Token = (0, "never given")

_RECORDS = registered_records()
_MANNERS = st.sampled_from(("as usual", "as usual", "legal", "anything"))


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
    refusal: DomainError | None = field(compare=False)


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
        step = Step(draw(commands(*_names(player.task, draw(_MANNERS)))), at)
        player.play(step)
        steps.append(step)
    return History(history.record, tuple(steps))


def _names(task: Task, manner: str) -> tuple[str, ...]:
    if manner == "as usual":
        return (next_command(task),)
    return legal_commands(task) if manner == "legal" else COMMANDS
