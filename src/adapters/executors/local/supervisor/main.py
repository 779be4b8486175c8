"""The supervisor's own process: start the worker, watch the lease, tell the end."""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import sys

from adapters.executors.local.supervisor import linux
from adapters.executors.local.supervisor.anchors import Refusal, refused
from adapters.executors.local.supervisor.commands import COMMANDS_FD, Commands
from adapters.executors.local.supervisor.job import Job, now, tell
from adapters.executors.local.supervisor.scratch import make_scratch, remove_scratch
from adapters.executors.local.supervisor.watch import Watch
from adapters.executors.local.supervisor.worker import start_worker


def main() -> None:
    """Read a job from standard input, and return when nothing of it runs any more."""
    _close_what_was_inherited()
    os.chdir("/")
    os.umask(0o022)
    sys.setrecursionlimit(40_000)  # a walk goes as deep as the tree does
    commands = Commands()
    try:
        job: Job = json.loads(commands.next_line())
    except EOFError:
        return
    linux.adopt_orphans()
    wake_fd = _wake_when_children_end()
    watch = Watch(job["term_at"], job["kill_at"], job["grace_s"])
    scratch, finished = "", False
    try:
        scratch = make_scratch(job["account"]) if job["scratch"] else ""
        # A scheduler that froze on its way here may have lost its lease since: then the work is somebody else's.
        if watch.due(now()) is None:
            finished = _watch_over(start_worker(job, scratch), watch, commands, wake_fd)
        tell({"event": "ended", "cause": watch.cause, "finished": finished})
    except Refusal as refusal:
        tell({"event": "refused", "reason": str(refusal)})
    except OSError as error:
        tell({"event": "refused", "reason": str(refused(error, f"cannot start {job['program']}"))})
    finally:
        if scratch:
            remove_scratch(scratch)


def _close_what_was_inherited() -> None:
    """Keep the three pipes only: uvloop hands every inheritable descriptor down, such as the service's listener."""
    for fd in map(int, os.listdir("/proc/self/fd")):
        if fd > 2:
            with contextlib.suppress(OSError):  # the one that listed them
                os.close(fd)


def _wake_when_children_end() -> int:
    read_fd, write_fd = os.pipe()
    os.set_blocking(read_fd, False)
    os.set_blocking(write_fd, False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(write_fd, warn_on_full_buffer=False)
    return read_fd


def _watch_over(worker: int, watch: Watch, commands: Commands, wake_fd: int) -> bool:
    """Return when the worker and all its descendants have ended: whether the worker came to its own end."""
    poll = select.poll()
    timer = linux.Timer()
    for fd in (COMMANDS_FD, wake_fd, timer.fd):
        poll.register(fd, select.POLLIN)
    finished, working = False, True
    while True:
        timer.set(watch.next_due())
        ready = [fd for fd, _ in poll.poll()]
        if wake_fd in ready:
            with contextlib.suppress(BlockingIOError):
                os.read(wake_fd, 4096)
        if COMMANDS_FD in ready:
            if not commands.read():
                poll.unregister(COMMANDS_FD)
                watch.orphaned(now())
            for line in commands.lines():
                _obey(json.loads(line), watch)
        if working and _has_ended(worker):
            working = False
            # Whatever the mover has left behind. Before the reaping, while the group's number is surely ours.
            _signal(worker, signal.SIGKILL)
        if not working:
            _kill_children()
        for pid, status in iter(_reap, None):
            if pid == 0:
                return finished
            if pid == worker:
                finished = os.waitstatus_to_exitcode(status) == 0
        due = watch.due(now())
        if due is not None and working:
            _signal(worker, due)


def _obey(command: list[object], watch: Watch) -> None:
    match command:
        case ["renew", float(term_at), float(kill_at)]:
            watch.renew(term_at, kill_at)
        case ["stop"]:
            watch.stop(now())


def _kill_children() -> None:
    """End what has left the group and become our child for want of a parent. Its own children come to us then."""
    with contextlib.suppress(OSError), open(f"/proc/self/task/{os.getpid()}/children") as children:
        for pid in children.read().split():
            os.kill(int(pid), signal.SIGKILL)


def _has_ended(worker: int) -> bool:
    return os.waitid(os.P_PID, worker, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None


def _reap() -> tuple[int, int] | None:
    """Return a child that has ended and how, ``(0, 0)`` where there are none left, None where all go on."""
    try:
        pid, status = os.waitpid(-1, os.WNOHANG)
    except ChildProcessError:
        return 0, 0
    return (pid, status) if pid else None


def _signal(group: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(group, number)
