"""Two runs of one place that were at work together are seen, and two that were not are let be."""

import asyncio
import os
import subprocess
import sys
from datetime import UTC
from pathlib import Path

import pytest

from adapters.executors.local.supervisor.job import Job
from adapters.system import SystemClock
from domain.execution import Failed, LeaseLapsed, Outcome, Report, Stopped, Succeeded, WorkOrder
from domain.values import Priority
from tests.chaos.evidence import EvidenceFile, Run, What, doubles, read_evidence
from tests.chaos.light import LightExecution, LightExecutor, result_of
from tests.chaos.witnessed import EVIDENCE, LOCKS, is_free, witness


class HandClock(SystemClock):
    """Time passes where somebody sleeps."""

    def __init__(self) -> None:
        super().__init__(UTC)
        self.at = 100.0

    def monotonic(self) -> float:
        return self.at

    async def sleep(self, seconds: float) -> None:
        self.at += seconds


def order(attempt: int = 1, **parameters: str) -> WorkOrder:
    given = {"path": "/hot/1", "seconds": "0.35", "fate": "is done", **parameters}
    return WorkOrder("1", attempt, "hotcold", "alice", given, Priority.LOW)


async def all_of(execution: LightExecution) -> list[Report | Outcome]:
    return [told async for told in execution.reports()]


@pytest.mark.parametrize(
    ("runs", "count"),
    [
        ([Run("a", 1, 2), Run("b", 2.1, 3)], 0),
        ([Run("a", 1, 2), Run("b", 2, 3)], 1),
        ([Run("a", 1, 9), Run("b", 2, 3), Run("c", 4, 5)], 2),
        ([Run("a", 1, 1), Run("b", 2, 2, met=True)], 1),
        ([Run("a", 1, 1, met=True)], 1),
    ],
)
def test_runs_that_were_at_work_together(runs: list[Run], count: int) -> None:
    assert len(doubles(runs)) == count


def test_what_many_wrote_is_read_by_place_and_run(tmp_path: Path) -> None:
    one, other = EvidenceFile(tmp_path / "e"), EvidenceFile(tmp_path / "e")
    one.note(1.5, "/a b", "x", What.BEGAN)
    other.note(2.0, "/a b", "y", What.MET)
    one.note(2.5, "/a b", "x", What.DONE)
    one.note(3.0, "/c", "x", What.BEGAN)
    assert read_evidence(tmp_path / "e") == {
        "/a b": [Run("x", 1.5, 2.5, done=True), Run("y", 2.0, 2.0, met=True)],
        "/c": [Run("x", 3.0, 3.0)],
    }


async def test_light_work_leaves_signs_of_life_and_is_done(tmp_path: Path) -> None:
    executor = LightExecutor(EvidenceFile(tmp_path / "e"), HandClock())
    execution = await executor.start(order(), until=200)
    assert isinstance(execution, LightExecution)
    run = f"dms-1-1@{os.getpid()}"
    assert await all_of(execution) == [Succeeded(result_of(run))]
    assert [line.split()[1] for line in (tmp_path / "e").read_text().splitlines()] == [
        "began",
        *["worked"] * 4,
        "done",
    ]


async def test_light_work_ends_with_its_lease_and_leaves_no_later_sign(tmp_path: Path) -> None:
    executor = LightExecutor(EvidenceFile(tmp_path / "e"), HandClock())
    assert isinstance(await executor.start(order(), until=100), LeaseLapsed)
    execution = await executor.start(order(seconds="60"), until=100.5)
    assert isinstance(execution, LightExecution)
    await execution.extend(101)
    (end,) = await all_of(execution)
    assert isinstance(end, LeaseLapsed)
    (run,) = read_evidence(tmp_path / "e")["/hot/1"]
    assert 100.5 < run.last < 101


async def test_light_work_fails_as_told_and_stops_when_asked(tmp_path: Path) -> None:
    executor = LightExecutor(EvidenceFile(tmp_path / "e"), HandClock())
    ends = []
    for attempt, fate in ((1, "fails"), (1, "fails once"), (2, "fails once")):
        execution = await executor.start(order(attempt, fate=fate), until=200)
        assert isinstance(execution, LightExecution)
        ends += await all_of(execution)
    assert [type(end) for end in ends] == [Failed, Failed, Succeeded]
    stopped = await executor.start(order(seconds="60"), until=200)
    assert isinstance(stopped, LightExecution)
    await stopped.stop()
    await asyncio.sleep(0)
    assert [type(end) for end in await all_of(stopped)] == [Stopped]


def test_the_kernel_tells_of_two_on_one_place(tmp_path: Path) -> None:
    (tmp_path / LOCKS).mkdir()
    job = Job(target="/x")  # type: ignore[typeddict-item]  # the witness looks at nothing else
    seen = []

    def work(job: Job, mover: int, scratch: str) -> None:
        seen.append(is_free(tmp_path, "/x"))
        if len(seen) == 1:
            witness(tmp_path, work, job, mover, scratch)

    assert is_free(tmp_path, "/x")
    witness(tmp_path, work, job, -1, "")
    assert seen == [False, False]
    whats = [line.split()[1] for line in (tmp_path / EVIDENCE).read_text().splitlines()]
    assert whats == ["began", "met", "left", "left"]


def test_a_mover_holds_the_place_when_its_worker_has_gone(tmp_path: Path) -> None:
    (tmp_path / LOCKS).mkdir()
    lock = "import sys; sys.stdin.read()"
    movers = []

    def work(job: Job, mover: int, scratch: str) -> None:
        movers.append(
            subprocess.Popen([sys.executable, "-c", lock], stdin=subprocess.PIPE, close_fds=False)  # as execve does
        )

    witness(tmp_path, work, Job(target="/x"), -1, "")  # type: ignore[typeddict-item]
    (mover,) = movers
    assert not is_free(tmp_path, "/x")
    mover.communicate()
    assert is_free(tmp_path, "/x")
