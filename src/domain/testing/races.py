"""One task between two writers: the scheduler, whose commits are atomic, and frontends, whose saves overwrite."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from hypothesis import strategies as st

from domain.reconcile import reconcile
from domain.record import Record
from domain.task import Task
from domain.testing.commands import commands, legal_commands, next_command
from domain.testing.documents import registered_records
from domain.testing.frontend import FrontendWrite, frontend_writes
from domain.testing.histories import Player, Step
from domain.testing.moments import EPOCH, clock_readings

_RECORDS = registered_records()
_TURNS = st.sampled_from(("save", "save", "work", "command", "reconcile"))
_STEPS = st.integers(1, 4)


@dataclass
class Race:
    """The ledger's task, and every version of the record that ever stood in the store, the newest last."""

    player: Player
    versions: list[Record] = field(default_factory=list)
    read: list[Record] = field(default_factory=list, repr=False)
    """Those versions that the scheduler has read, or written itself. Others were overwritten before it looked."""

    @classmethod
    def of(cls, record: Record) -> Race:
        """Accept a record that was just registered."""
        race = cls(Player(Task.accept(record, EPOCH)), [record])
        race.reconcile(EPOCH)
        return race

    @property
    def task(self) -> Task:
        """What the ledger holds."""
        return self.player.task

    @property
    def record(self) -> Record:
        """What the store holds."""
        return self.versions[-1]

    def reconcile(self, at: datetime) -> None:
        """The scheduler reads the record and puts it right."""
        met = reconcile(self.task, self.record, at)
        assert met.record is not None, "a record that is there stays there"
        self.read += [self.record, met.record]
        self.player.task = met.task
        self.versions.append(met.record)

    def command(self, step: Step) -> None:
        """The scheduler changes the task, and the record with it."""
        self.player.play(step)
        self.reconcile(step.at)

    def save(self, write: FrontendWrite, read: Record) -> None:
        """A frontend saves what it made of a version that it had read."""
        self.versions.append(write(read))


@st.composite
def races(draw: st.DrawFn, max_size: int = 10, keeps_unknown: bool = False) -> Race:
    """Races in which a few frontends save, and the scheduler works on the task and looks at the record now and then.

    Example: a task is accepted and completed, then a frontend saves ``running`` over a version of before.
    """
    race = Race.of(draw(_RECORDS))
    writes = frontend_writes(keeps_unknown)
    for at in draw(clock_readings(max_size)):
        match draw(_TURNS):
            case "save":
                race.save(draw(writes), draw(st.sampled_from(race.versions)))
            case "work":
                for _ in range(draw(_STEPS)):
                    race.command(Step(draw(commands(next_command(race.task))), at))
            case "command":
                race.command(Step(draw(commands(*legal_commands(race.task))), at))
            case _:
                race.reconcile(at)
    return race
