"""Work ends when it is told to, when its lease runs out, and when its scheduler is gone: all of it, every time."""

from __future__ import annotations

import asyncio
import os
import select
import signal
import sys
from pathlib import Path

import pytest

from adapters.executors.local.executor import LocalExecutor
from adapters.executors.local.movers.base import Mover
from domain.execution import Failed, LeaseLapsed, Report, Stopped, Succeeded
from tests.executors import driver
from tests.executors.conftest import MakeLocal
from tests.executors.driving import Ended, begin, follow, is_stopped, order, until
from tests.executors.fake_movers import with_script

STUBBORN = "trap '' TERM; echo here $$; sleep 1000 & echo child $!; wait; wait"
"""Ignores TERM, and so does its child."""

SHORT_LEASE_S = 4.0
"""Long enough for a script to start on a busy machine, short enough to wait for its end."""

RUNAWAY = "setsid sh -c 'trap \"\" TERM; echo child $$; sleep 1000' & echo here $$; wait"
"""Its child has left the group and ignores TERM."""

OBEDIENT = "sleep 1000 & echo child $!; echo here $$; wait"


@pytest.fixture
def big(tmp_path: Path) -> Path:
    """A source that takes minutes at 1 MiB per second."""
    (tmp_path / "source").mkdir()
    with open(tmp_path / "source" / "big", "wb") as file:
        for _ in range(64):
            file.write(os.urandom(2**20))
    return tmp_path / "source"


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A small source."""
    (tmp_path / "source").mkdir()
    return tmp_path / "source"


class Process:
    """Another process, whose end can be waited for although it is not ours."""

    def __init__(self, pid: int) -> None:
        self._fd = os.pidfd_open(pid)

    async def end(self) -> None:
        """Wait for its end."""
        loop = asyncio.get_running_loop()
        ended = asyncio.Event()
        loop.add_reader(self._fd, ended.set)
        try:
            await asyncio.wait_for(ended.wait(), 60)
        finally:
            loop.remove_reader(self._fd)
            os.close(self._fd)

    def has_ended(self) -> bool:
        """Whether it has ended by now."""
        return bool(select.select([self._fd], [], [], 0)[0])


def pids(report: Report) -> dict[str, int]:
    """What a script said of its processes."""
    said = (report.result.launcher_output or "") if report.result else ""
    words = (line.split() for line in said.splitlines())
    return {line[0]: int(line[1]) for line in words if len(line) == 2 and line[0] in ("here", "child")}


async def stop_at_work(
    executor: LocalExecutor, source: Path, target: Path, *, lease_s: float = 600
) -> tuple[Ended, list[Process]]:
    """Stop a script once it has said which its processes are."""
    execution = await begin(executor, order("cp", {"src": str(source), "dst": str(target)}), lease_s)
    seen: list[Process] = []

    async def at_report(report: Report) -> None:
        found = pids(report)
        if len(found) == 2 and not seen:
            seen.extend(Process(pid) for pid in found.values())
            await execution.stop()
            await execution.stop()

    return await follow(execution, at_report), seen


@pytest.mark.parametrize(("script", "grace_s"), [(OBEDIENT, 600.0), (STUBBORN, 0.2), (RUNAWAY, 600.0)])
async def test_a_stop_ends_the_whole_group(tree: Path, tmp_path: Path, script: str, grace_s: float) -> None:
    ended, processes = await stop_at_work(
        with_script(tmp_path, script, kill_grace_s=grace_s), tree, tmp_path / "target"
    )
    assert is_stopped(ended)
    assert len(processes) == 2
    assert all(process.has_ended() for process in processes)
    assert ended.output.splitlines()[-1] == "Stopped."


async def test_a_stop_ends_a_real_copy_and_leaves_no_temporary_file(
    make_local: MakeLocal, mover: Mover, big: Path, tmp_path: Path
) -> None:
    execution = await begin(
        make_local(tmp_path),
        order("sync", {"src": str(big), "dst": str(tmp_path / "target"), "options": "--bwlimit 1M"}),
    )

    async def at_progress(report: Report) -> None:
        if report.progress is not None and report.progress.bytes_done:
            await execution.stop()

    ended = await follow(execution, at_progress)
    assert isinstance(ended.outcome, Stopped)
    progress = ended.reports[-1].progress
    assert progress is not None
    assert 0 < progress.bytes_done < progress.bytes_total
    assert ended.output.splitlines()[-1] == f"Stopped after {progress.describe()}."
    assert list((tmp_path / "target").iterdir()) == []


async def test_what_had_finished_before_the_stop_has_succeeded(tree: Path, tmp_path: Path) -> None:
    execution = await begin(
        with_script(tmp_path, "trap 'echo nearly; exit 0' TERM; echo here 1; echo child 1; sleep 1000 & wait"),
        order("cp", {"src": str(tree), "dst": str(tmp_path / "target")}),
    )

    async def at_report(report: Report) -> None:
        if pids(report):
            await execution.stop()

    ended = await follow(execution, at_report)
    assert isinstance(ended.outcome, Succeeded)


async def test_a_stop_after_the_end_changes_nothing(tree: Path, tmp_path: Path) -> None:
    execution = await begin(
        with_script(tmp_path, "exit 0"), order("cp", {"src": str(tree), "dst": str(tmp_path / "target")})
    )
    ended = await follow(execution)
    await execution.stop()
    await execution.extend(until())
    assert isinstance(ended.outcome, Succeeded)


async def test_an_end_from_outside_may_pass(tree: Path, tmp_path: Path) -> None:
    execution = await begin(
        with_script(tmp_path, "kill -KILL $$"), order("cp", {"src": str(tree), "dst": str(tmp_path / "target")})
    )
    ended = await follow(execution)
    assert ended.reason == "script was ended from outside: Killed"
    assert isinstance(ended.outcome, Failed)
    assert ended.outcome.transient


@pytest.mark.slow
@pytest.mark.parametrize("script", [OBEDIENT, STUBBORN, RUNAWAY])
async def test_without_renewal_the_work_ends_with_the_lease(tree: Path, tmp_path: Path, script: str) -> None:
    executor = with_script(tmp_path, script, kill_grace_s=600)
    execution = await begin(executor, order("cp", {"src": str(tree), "dst": str(tmp_path / "target")}), SHORT_LEASE_S)
    processes: list[Process] = []

    def at_report(report: Report) -> None:
        if not processes:
            processes.extend(Process(pid) for pid in pids(report).values())

    ended = await follow(execution, at_report)
    assert isinstance(ended.outcome, LeaseLapsed)
    assert ended.output.splitlines()[-1] == "Stopped, because the scheduler did not renew its lease in time."
    assert processes
    assert all(process.has_ended() for process in processes)


@pytest.mark.slow
async def test_renewals_keep_the_work_alive_beyond_its_first_lease(tree: Path, tmp_path: Path) -> None:
    executor = with_script(tmp_path, f"sleep {SHORT_LEASE_S + 0.5}")
    execution = await begin(executor, order("cp", {"src": str(tree), "dst": str(tmp_path / "target")}), SHORT_LEASE_S)
    await execution.extend(until())
    ended = await follow(execution)
    assert isinstance(ended.outcome, Succeeded)


@pytest.mark.slow
async def test_a_stop_does_not_outlive_the_lease(tree: Path, tmp_path: Path) -> None:
    executor = with_script(tmp_path, STUBBORN, kill_grace_s=600)
    ended, processes = await stop_at_work(executor, tree, tmp_path / "target", lease_s=SHORT_LEASE_S)
    assert processes
    assert all(process.has_ended() for process in processes)
    assert not isinstance(ended.outcome, Succeeded)


async def test_whoever_leaves_off_following_ends_the_work(tree: Path, tmp_path: Path) -> None:
    execution = await begin(
        with_script(tmp_path, OBEDIENT), order("cp", {"src": str(tree), "dst": str(tmp_path / "target")})
    )
    processes: list[Process] = []
    at_work = asyncio.Event()

    def at_report(report: Report) -> None:
        if len(pids(report)) == 2 and not processes:
            processes.extend(Process(pid) for pid in pids(report).values())
            at_work.set()

    following = asyncio.create_task(follow(execution, at_report))
    await at_work.wait()
    following.cancel()
    await asyncio.wait([following])
    for process in processes:
        await process.end()


@pytest.mark.parametrize("script", [OBEDIENT, STUBBORN, RUNAWAY])
async def test_a_killed_scheduler_leaves_nothing_running(tree: Path, tmp_path: Path, script: str) -> None:
    scheduler = await asyncio.create_subprocess_exec(
        sys.executable, driver.__file__, str(tmp_path), script, stdout=asyncio.subprocess.PIPE
    )
    assert scheduler.stdout is not None
    processes = [Process(int(await scheduler.stdout.readline())) for _ in range(2)]
    assert not any(process.has_ended() for process in processes)
    scheduler.send_signal(signal.SIGKILL)
    for process in processes:
        await process.end()
    await scheduler.wait()


@pytest.mark.slow
async def test_a_frozen_scheduler_does_not_keep_its_work_alive(tree: Path, tmp_path: Path) -> None:
    scheduler = await asyncio.create_subprocess_exec(
        sys.executable, driver.__file__, str(tmp_path), STUBBORN, str(SHORT_LEASE_S), stdout=asyncio.subprocess.PIPE
    )
    assert scheduler.stdout is not None
    processes = [Process(int(await scheduler.stdout.readline())) for _ in range(2)]
    scheduler.send_signal(signal.SIGSTOP)
    for process in processes:
        await process.end()
    scheduler.send_signal(signal.SIGCONT)
    told = (await scheduler.stdout.readline()).decode()
    await scheduler.wait()
    assert told == "LeaseLapsed\n"


async def test_a_killed_supervisor_takes_its_work_with_it(tree: Path, tmp_path: Path) -> None:
    """Nobody watches the lease then."""
    execution = await begin(
        with_script(tmp_path, "trap '' TERM; echo here $$; exec sleep 1000"),
        order("cp", {"src": str(tree), "dst": str(tmp_path / "target")}),
    )
    processes: list[Process] = []

    def at_report(report: Report) -> None:
        found = pids(report)
        if found and not processes:
            processes.append(Process(found["here"]))
            worker = parent_of(found["here"])
            os.kill(parent_of(worker), signal.SIGKILL)

    ended = await follow(execution, at_report)
    await processes[0].end()
    assert isinstance(ended.outcome, Failed)
    assert ended.outcome.transient
    assert ended.reason == "the work broke off: its processes were killed from outside"


def parent_of(pid: int) -> int:
    """Read the parent of a process."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(next(line for line in status.splitlines() if line.startswith("PPid:")).split()[1])
