"""Starting the worker: a child of the supervisor that keeps none of its rights."""

from __future__ import annotations

import contextlib
import os
import resource
import signal
import sys

from adapters.executors.local.supervisor import linux, rights
from adapters.executors.local.supervisor.anchors import refused
from adapters.executors.local.supervisor.commands import COMMANDS_FD
from adapters.executors.local.supervisor.job import Job, tell
from adapters.executors.local.supervisor.working import work


def start_worker(job: Job, scratch: str) -> int:
    """Return the process id of a worker that leads its own process group. Raises OSError."""
    supervisor = os.getpid()
    # Opened here: the user need not be able to reach the program by its path.
    program = os.open(job["program"], os.O_RDONLY | os.O_CLOEXEC) if job["program"] else -1
    worker = os.fork()
    if worker:
        # Both set it, so that it is set whoever comes first.
        with contextlib.suppress(OSError):
            os.setpgid(worker, worker)
        if program >= 0:
            os.close(program)
        return worker
    code = 1
    try:
        os.setpgid(0, 0)
        _become_worker(supervisor, job)
        work(job, program, scratch)
        code = 0
    except BaseException:
        sys.excepthook(*sys.exc_info())
    finally:
        os._exit(code)


def _become_worker(supervisor: int, job: Job) -> None:
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, COMMANDS_FD)
    os.close(null)
    # A walk holds two directories open for each level that it is deep.
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    try:
        rights.take_on(job["account"])
    except OSError as error:
        tell({"event": "refused", "reason": str(refused(error, "cannot take on the user's rights"))})
        raise
    linux.die_with_parent(supervisor)
