"""Who copies: bare programs, and the service with a program under it."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from redis import Redis

from adapters.executors.local.movers import find_mover
from adapters.executors.local.movers.base import Mover
from adapters.executors.local.options import Options
from adapters.executors.local.supervisor.job import SOURCE, TARGET
from adapters.redis import keys
from benchmarks.loads import register
from benchmarks.service import HOST, Measured, measured_service
from benchmarks.submitter import submit_all
from tests.cli.program import ROOT

_LOOK_S = 0.002
_STUCK_S = 600.0


class Contestant(Protocol):
    """Prepares a copy."""

    def __call__(self, source: Path, target: Path) -> Callable[[], None]:
        """Return what makes the target equal to the source, and returns when that is done or raises."""
        ...


@dataclass(frozen=True, slots=True)
class BareMover:
    """A mover with the very arguments that the service gives it."""

    mover: Mover

    def __call__(self, source: Path, target: Path) -> Callable[[], None]:
        arguments = self.mover.tree_arguments if source.is_dir() else self.mover.file_arguments
        named = {SOURCE: str(source), TARGET: str(target), f"{SOURCE}/": f"{source}/", f"{TARGET}/": f"{target}/"}
        return _program(self.mover.program, *[named.get(each, each) for each in arguments(Options())][1:])


def cp(source: Path, target: Path) -> Callable[[], None]:
    """The system's cp, which verifies nothing. It is told to skip what is up to date."""
    return _program("cp", "--archive", "--update", "--no-target-directory", str(source), str(target))


def copy_loop(source: Path, target: Path) -> Callable[[], None]:
    """A loop over copy_file_range, in a process of its own as the others."""
    return _program(sys.executable, "-m", "benchmarks.movers.copy_loop", str(source), str(target))


@dataclass(frozen=True, slots=True)
class ThroughService:
    """A `sync` task from its submit to its record's end. Its record is written before, as dms-frontend does."""

    service: Measured

    def __call__(self, source: Path, target: Path) -> Callable[[], None]:
        parameters = {"src": str(source), "dst": str(target)}
        task_ids = asyncio.run(register(self.service, 1, parameters))
        return lambda: self._copy(task_ids, parameters)

    def _copy(self, task_ids: Sequence[str], parameters: Mapping[str, str]) -> None:
        asyncio.run(submit_all(HOST, self.service.port, task_ids, parameters, concurrency=1))
        with self.service.redis.client() as redis:
            _wait_until_ended(redis, task_ids[0])
            document = str(redis.get(f"task:{task_ids[0]}"))
        if json.loads(document)["status"] != "completed":
            raise RuntimeError(f"the task did not end well: {document}")


@contextmanager
def through_service(mover: str, root: Path) -> Iterator[ThroughService]:
    """Run the service with this mover, for trees below ``root``, with its own rights."""
    with measured_service(
        DMS_EXECUTOR="local", DMS_MOVER=mover, DMS_ALLOWED_ROOTS=str(root), DMS_RUN_AS="service"
    ) as service:
        yield ThroughService(service)


def bare_movers() -> dict[str, Contestant]:
    """Return the programs, by name. Raises :class:`ConfigurationProblem` where a mover is not installed."""
    return {
        "rclone": BareMover(find_mover("rclone")),
        "rsync": BareMover(find_mover("rsync")),
        "cp -a": cp,
        "copy_file_range": copy_loop,
    }


def _program(*command: str) -> Callable[[], None]:
    def run() -> None:
        ended = subprocess.run(
            command, cwd=ROOT, check=False, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
        )
        if ended.returncode:
            raise RuntimeError(f"{command[0]} ended with {ended.returncode}: {ended.stderr[-500:]}")

    return run


def _wait_until_ended(redis: Redis, task_id: str) -> None:
    until = time.monotonic() + _STUCK_S
    while redis.zscore(keys.ENDED, task_id) is None:
        if time.monotonic() > until:
            raise RuntimeError(f"task {task_id} has not ended within {_STUCK_S:g} s")
        time.sleep(_LOOK_S)
