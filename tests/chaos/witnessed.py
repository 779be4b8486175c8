"""The real supervisor of real movers, with a witness around its work: the kernel says whether two met.

The worker takes a lock on a file of the place that it works on. The mover inherits it, so it is held until the last
process of the run has ended, however it ends.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

from adapters.executors.local.supervisor import main as supervisor
from adapters.executors.local.supervisor import worker
from adapters.executors.local.supervisor.job import Job
from adapters.executors.local.supervisor.working import work as work_of_the_service
from tests.chaos.evidence import EvidenceFile, What, boot_time

EVIDENCE, LOCKS = "evidence.log", "locks"

Work = Callable[[Job, int, str], None]
"""What a worker does: a job, with an open mover and a directory for temporary files."""


def program(directory: Path) -> str:
    """Return what Python is to run in the place of the supervisor; evidence goes to ``directory``.

    Its first argument is the directory of the service's packages, as the supervisor's is.
    """
    checkout = str(Path(__file__).resolve().parents[2])
    return (
        f"import sys; sys.path += [sys.argv[1], {checkout!r}]; "
        f"from tests.chaos.witnessed import main; main({str(directory)!r})"
    )


def main(directory: str) -> None:
    """Supervise one job."""

    def work(job: Job, mover: int, scratch: str) -> None:
        witness(Path(directory), work_of_the_service, job, mover, scratch)

    vars(worker)["work"] = work
    supervisor.main()


def witness(directory: Path, work: Work, job: Job, mover: int, scratch: str) -> None:
    """Do the work, and leave evidence of it. Its mover holds the lock too, for as long as it lives."""
    evidence, place, run = EvidenceFile(directory / EVIDENCE), job["target"], str(os.getpid())
    lock = _open(directory, place)
    os.set_inheritable(lock, True)
    free = _take(lock)
    evidence.note(boot_time(), place, run, What.BEGAN if free else What.MET)
    try:
        work(job, mover, scratch)
    finally:
        evidence.note(boot_time(), place, run, What.LEFT)
        os.close(lock)


def is_free(directory: Path, place: str) -> bool:
    """Whether no process of any run works on ``place`` any more."""
    lock = _open(directory, place)
    try:
        return _take(lock)
    finally:
        os.close(lock)


def _open(directory: Path, place: str) -> int:
    path = directory / LOCKS / sha256(place.encode()).hexdigest()
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)


def _take(lock: int) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
