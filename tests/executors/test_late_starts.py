"""Whatever holds a scheduler up on its way to the work, nothing begins that somebody else may do by then."""

from __future__ import annotations

import os
import select
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from adapters.executors.local.options import Options
from adapters.executors.local.process import SupervisedProcess
from adapters.executors.local.supervisor.job import Event, Job, now
from adapters.executors.local.supervisor.linux import Timer
from domain.execution import LeaseLapsed
from tests.executors.driving import order, until
from tests.executors.fake_movers import Script, with_script

LONG_S = 60


@dataclass(frozen=True, slots=True)
class Slow(Script):
    """Keeps the scheduler until an instant has passed, when it has looked at the lease and nothing has begun yet."""

    free_at: float = 0.0

    def tree_arguments(self, options: Options) -> list[str]:
        while now() <= self.free_at:
            time.sleep(0.01)
        return super(Slow, self).tree_arguments(options)


async def test_a_scheduler_that_froze_between_its_look_at_the_lease_and_the_job_starts_nothing(tmp_path: Path) -> None:
    (tmp_path / "source").mkdir()
    ends = until(0.2)
    executor = with_script(tmp_path, Slow("touch $2/moved", free_at=ends))
    outcome = await executor.start(order("cp", {"src": f"{tmp_path}/source", "dst": f"{tmp_path}/target"}), ends)
    assert isinstance(outcome, LeaseLapsed)
    assert not (tmp_path / "target").exists()


def job(root: Path, term_at: float, kill_at: float) -> Job:
    """The removal of a directory below ``root``."""
    return Job(
        account=None,
        roots=[str(root)],
        kind="remove",
        source="",
        target=str(root / "precious"),
        delete=False,
        dry_run=False,
        by_content=False,
        gone_is_done=False,
        program="",
        tree_arguments=[],
        file_arguments=[],
        reserved_suffix="",
        scratch=False,
        settle=False,
        confine=True,
        grace_s=2.0,
        term_at=term_at,
        kill_at=kill_at,
    )


@pytest.mark.parametrize(("term_in_s", "kill_in_s"), [(-1.0, -0.5), (-1.0, 600.0)])
async def test_a_supervisor_that_reads_its_job_late_starts_nothing(
    tmp_path: Path, term_in_s: float, kill_in_s: float
) -> None:
    (tmp_path / "precious").mkdir()
    events: list[Event] = []
    process = await SupervisedProcess.start(
        job(tmp_path, now() + term_in_s, now() + kill_in_s), events.append, lambda _: None
    )
    await process.ended.wait()
    assert events == [{"event": "ended", "cause": "lease", "finished": False}]
    assert (tmp_path / "precious").exists()


async def test_a_supervisor_that_reads_its_job_in_time_does_it(tmp_path: Path) -> None:
    (tmp_path / "precious").mkdir()
    events: list[Event] = []
    process = await SupervisedProcess.start(job(tmp_path, until(), until()), events.append, lambda _: None)
    await process.ended.wait()
    assert [event["event"] for event in events] == ["working", "progress", "removed", "ended"]
    assert not (tmp_path / "precious").exists()


def test_a_timer_is_due_at_its_instant_and_not_before() -> None:
    timer = Timer()
    poll = select.poll()
    poll.register(timer.fd, select.POLLIN)
    timer.set(now() + 3600)
    assert poll.poll(0) == []
    at = now() + 0.02
    timer.set(at)
    assert poll.poll(LONG_S * 1000)
    assert now() >= at
    timer.set(None)
    assert poll.poll(0) == []
    timer.set(now() - 5)
    assert poll.poll(LONG_S * 1000)
    os.close(timer.fd)
