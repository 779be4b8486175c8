"""One task and its record: owners crash and come back, frontends overwrite, and the clock can't be trusted."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta, timezone
from itertools import pairwise

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from domain.errors import DomainError, StaleLease
from domain.logs import line_instant
from domain.record import Record
from domain.task import ATTEMPTS_KEPT, Task, Token
from domain.testing import (
    COMMANDS,
    EPOCH,
    NEVER_GIVEN,
    Command,
    FrontendWrite,
    Occasion,
    Race,
    Step,
    commands,
    frontend_writes,
    legal_commands,
    offsets,
    registered_records,
)
from domain.values import Lease, TaskStatus

FORWARD = ("claim", "dispatch", "start", "report")
BACK = ("retry_later", "hand_back")
ENDS = ("complete", "fail", "confirm_cancel")
RETRIES = ("reopen", "refuse_retry")
FENCED = [name for name in COMMANDS if Command(name).is_fenced]
OUR_LINE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}[+-]\d\d:\d\d,[^\n\r]*\Z")


class OneTask(RuleBasedStateMachine):
    @initialize(record=registered_records())
    def accept(self, record: Record) -> None:
        self.race = Race.of(record)
        self.born = self.race.task
        self.before = self.born
        self.last_command = ""
        self.own_lines = [line for line in self.born.lines if line.endswith(",Accepted by scheduler")][-1:]
        self.lost_tokens: list[Token] = [NEVER_GIVEN]
        self.now = EPOCH

    @property
    def task(self) -> Task:
        return self.race.task

    # --- time --------------------------------------------------------------------------------------------------

    @rule(seconds=st.integers(0, 30))
    def time_passes(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)

    @rule(microseconds=st.integers(0, 10**8))
    def clock_is_set_back(self, microseconds: int) -> None:
        self.now -= timedelta(microseconds=microseconds)

    @rule(zone=offsets())
    def zone_changes(self, zone: timezone) -> None:
        self.now = self.now.astimezone(zone)

    # --- commands and faults -----------------------------------------------------------------------------------

    @precondition(lambda self: self.can(*FORWARD))
    @rule(data=st.data())
    def work_goes_on(self, data: st.DataObject) -> None:
        self.command(data.draw(commands(*self.legal(*FORWARD))))

    @precondition(lambda self: self.can(*FORWARD))
    @rule(data=st.data(), steps=st.integers(2, 3))
    def work_goes_on_for_a_while(self, data: st.DataObject, steps: int) -> None:
        for _ in range(steps):
            if names := self.legal(*FORWARD):
                self.command(replace(data.draw(commands(*names)), stale=False))

    @precondition(lambda self: self.can(*BACK))
    @rule(data=st.data())
    def work_is_put_back(self, data: st.DataObject) -> None:
        self.command(data.draw(commands(*self.legal(*BACK))))

    @precondition(lambda self: self.can(*ENDS))
    @rule(data=st.data())
    def work_ends(self, data: st.DataObject) -> None:
        self.command(data.draw(commands(*self.legal(*ENDS))))

    @precondition(lambda self: self.can(*RETRIES))
    @rule(command=commands(*RETRIES))
    def operator_retries(self, command: Command) -> None:
        self.command(command)

    @rule(command=commands())
    def anything_is_asked(self, command: Command) -> None:
        self.command(command)

    @precondition(lambda self: self.task.lease is not None)
    @rule()
    def owner_crashes_and_another_takes_over(self) -> None:
        self.command(Command("take_over"))

    @rule(command=commands(*FENCED), data=st.data())
    def owner_of_old_comes_back(self, command: Command, data: st.DataObject) -> None:
        token = data.draw(st.sampled_from(self.lost_tokens))
        occasion = Occasion(self.now, token, Lease("replica-9", 9, "unused"))
        before = self.task
        try:
            command.apply(before, occasion)
        except StaleLease:
            assert self.task == before
        else:
            raise AssertionError(f"{command.name} with a lost token was obeyed")

    @rule()
    def answer_is_lost_and_the_command_comes_again(self) -> None:
        if self.last_command:
            self.command(Command(self.last_command, dict(self.last_arguments)))

    @rule(write=frontend_writes(), data=st.data())
    def frontend_saves(self, write: FrontendWrite, data: st.DataObject) -> None:
        self.race.save(write, data.draw(st.sampled_from(self.race.versions)))

    @rule()
    def reconcile(self) -> None:
        self.note(lambda: self.race.reconcile(self.now))
        assert self.race.record.status == self.task.status
        assert self.race.record.logs == self.task.lines

    def legal(self, *names: str) -> list[str]:
        return [name for name in names if name in legal_commands(self.task)]

    def can(self, *names: str) -> bool:
        return bool(self.legal(*names))

    def command(self, command: Command) -> None:
        self.last_command, self.last_arguments = command.name, command.arguments

        def play() -> None:
            played = self.race.player.play(Step(command, self.now))
            if played.refusal is not None:
                assert isinstance(played.refusal, DomainError)
                assert played.after is played.before
            assert (
                played.after.status is played.before.status
                or not played.before.is_terminal
                or (command.name in RETRIES)
            ), "a terminal task moves only by an operator's retry"
            assert played.after.generation - played.before.generation == (
                command.name in RETRIES and played.refusal is None
            )

        self.note(play)

    def note(self, change: Callable[[], None]) -> None:
        """Let something change the task, and remember what the invariants need."""
        self.before = self.task
        foreign = {line for record in self.race.versions for line in record.logs}
        change()
        self.own_lines += [line for line in self.task.lines if line not in {*self.before.lines, *foreign}]
        if self.before.lease is not None and self.before.lease != self.task.lease:
            self.lost_tokens.append(self.before.lease.token)

    # --- what always holds -------------------------------------------------------------------------------------

    @invariant()
    def ended_means_ended(self) -> None:
        if self.task.is_terminal:
            assert self.task.lease is None
            assert self.task.active_jobs == ()
            assert self.task.retry_at is None
            assert not self.task.is_attempted

    @invariant()
    def lease_and_status_agree(self) -> None:
        task = self.task
        if task.lease is None:
            assert task.is_waiting or task.is_terminal
        assert task.retry_at is None or task.is_waiting
        if task.status in (TaskStatus.DISPATCHING, TaskStatus.RUNNING):
            assert task.is_attempted
            assert task.attempts[-1].generation == task.generation
        if task.status is TaskStatus.RUNNING:
            assert len(task.active_jobs) == 1
        if task.status in (TaskStatus.PENDING, TaskStatus.DISPATCHING):
            assert task.active_jobs == ()
        if task.status is TaskStatus.PENDING:
            assert not task.is_attempted

    @invariant()
    def attempts_are_numbered_and_bounded(self) -> None:
        attempts = self.task.attempts
        assert len(attempts) <= ATTEMPTS_KEPT
        numbers = [attempt.number for attempt in attempts]
        assert numbers == list(range(self.task.attempt - len(attempts) + 1, self.task.attempt + 1))
        generations = [attempt.generation for attempt in attempts]
        assert generations == sorted(generations)
        assert all(attempt.ended_at is not None and attempt.outcome for attempt in attempts[:-1])

    @invariant()
    def own_lines_ascend(self) -> None:
        assert all(OUR_LINE.match(line) for line in self.own_lines)
        moments = [moment for line in self.own_lines if (moment := line_instant(line))]
        assert all(earlier < later for earlier, later in pairwise(moments))
        assert set(self.own_lines) <= set(self.task.lines), "no line of ours is ever lost"

    @invariant()
    def nothing_goes_back(self) -> None:
        assert self.task.updated_at >= self.before.updated_at
        assert self.task.last_line_at is not None
        assert self.task.updated_at >= self.task.last_line_at
        assert self.task.attempt >= self.before.attempt
        assert set(self.before.lines) <= set(self.task.lines)

    @invariant()
    def identity_stays(self) -> None:
        for name in ("task_id", "incarnation", "parameters", "accepted_at"):
            assert getattr(self.task, name) == getattr(self.born, name)


TestOneTask = OneTask.TestCase
TestOneTask.settings = settings(max_examples=2 * settings().max_examples)
