"""What supervisors and movers get from the scheduler: three pipes and no more."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import uvloop

from domain.execution import Report
from tests.executors.descendants import descendants
from tests.executors.driving import begin, follow, order
from tests.executors.fake_movers import with_script

STUCK_S = 60


def test_no_descriptor_of_the_schedulers_reaches_them(tmp_path: Path) -> None:
    """The service runs on uvloop, which passes on whatever may be inherited."""
    (tmp_path / "source").mkdir()
    (tmp_path / "secret").touch()
    secret = os.open(tmp_path / "secret", os.O_RDONLY)
    os.set_inheritable(secret, True)
    try:
        seen = uvloop.run(asyncio.wait_for(held_at_work(tmp_path), STUCK_S))
    finally:
        os.close(secret)
    assert len(seen) == 3  # supervisor, worker, mover
    assert str(tmp_path / "source") in set().union(*seen)
    assert [held for held in seen if str(tmp_path / "secret") in held] == []


async def held_at_work(root: Path) -> list[set[str]]:
    """What each process of a copy holds open."""
    others = set(descendants())  # such as a Redis of other tests
    executor = with_script(root, "echo here; exec sleep 1000")
    execution = await begin(executor, order("cp", {"src": f"{root}/source", "dst": f"{root}/target"}))
    seen: list[set[str]] = []

    async def at_report(report: Report) -> None:
        if report.result is not None and report.result.launcher_output and not seen:
            seen.extend(held_open(pid) for pid in descendants() if pid not in others)
            await execution.stop()

    await follow(execution, at_report)
    return seen


def held_open(pid: int) -> set[str]:
    """What the descriptors of a process lead to."""
    directory = Path(f"/proc/{pid}/fd")
    return {os.readlink(directory / fd) for fd in os.listdir(directory)}
