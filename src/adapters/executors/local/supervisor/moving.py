"""Starting a mover and waiting for its end."""

from __future__ import annotations

import os
import signal

from adapters.executors.local.supervisor import linux
from adapters.executors.local.supervisor.confine import confine, landlock_version
from adapters.executors.local.supervisor.job import SOURCE, SOURCE_FD, TARGET, TARGET_FD, Job, tell

PRIVATE, USUAL = 0o077, 0o022
"""A mover's umask: while a copy is under way nobody else sees into it. Below a directory that nobody else may enter,
the usual one will do, and spares most files a change of their mode afterwards."""

ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "HOME": "/nonexistent", "TZ": "UTC"}
"""All that a mover gets: no setting of the service's or of a user's changes what it does."""

NOT_STARTED = 127


class Mover:
    """The mover of one job, which finds its paths through the descriptors that it is given."""

    def __init__(self, job: Job, program: int, scratch: str, source: tuple[int, str], target: tuple[int, str]) -> None:
        """Take what does not depend on the kind of the source.

        ``program``: the open program. ``scratch``: a directory for temporary files, empty where the mover needs none.
        ``source`` and ``target``: an open parent directory and a name in it.
        """
        self._job = job
        self._program = program
        self._scratch = scratch
        self._parents = {SOURCE_FD: source[0], TARGET_FD: target[0]}
        self._paths = {}
        for token, fd, name in ((SOURCE, SOURCE_FD, source[1]), (TARGET, TARGET_FD, target[1])):
            self._paths[token] = f"/proc/self/fd/{fd}/{name}"
            self._paths[f"{token}/"] = f"/proc/self/fd/{fd}/{name}/"

    def run(self, arguments: list[str], readable: list[int], writable: list[int], umask: int) -> int | None:
        """Return the exit code, or None where a signal ended it; the scheduler is told either.

        While it runs, TERM is the mover's alone: whether it was heard in time shows in its exit code.
        """
        parent = os.getpid()
        # Blocked around the fork, so that a TERM that comes just then is not lost between the two processes.
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
        child = os.fork()
        if child == 0:
            self._become(parent, arguments, readable, writable, umask)
        if signal.SIGTERM in signal.sigpending():
            os.kill(child, signal.SIGTERM)
        _, status = os.waitpid(child, 0)
        signal.sigtimedwait({signal.SIGTERM}, 0)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})
        code = os.waitstatus_to_exitcode(status)
        if code < 0:
            tell({"event": "mover", "code": None, "signal": -code})
            return None
        tell({"event": "mover", "code": code, "signal": None})
        return code

    def _become(self, parent: int, arguments: list[str], readable: list[int], writable: list[int], umask: int) -> None:
        try:
            linux.die_with_parent(parent)
            signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})
            # Python ignores these, and what is ignored stays so in the program that comes.
            signal.signal(signal.SIGPIPE, signal.SIG_DFL)
            signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
            os.umask(umask)
            os.dup2(2, 1)
            for number, fd in self._parents.items():
                os.dup2(fd, number, inheritable=True)
            if self._job["confine"] and landlock_version():
                self._confine(readable, writable)
            os.set_inheritable(self._program, True)  # or a script could not be read by its interpreter
            argv = [self._paths.get(argument, argument) for argument in arguments]
            os.execve(self._program, argv, ENVIRONMENT | ({"TMPDIR": self._scratch} if self._scratch else {}))
        except BaseException as error:
            os.write(2, f"cannot start {self._job['program']}: {error}\n".encode(errors="replace"))
        finally:
            os._exit(NOT_STARTED)

    def _confine(self, readable: list[int], writable: list[int]) -> None:
        if self._scratch:
            writable = [*writable, os.open(self._scratch, os.O_PATH | os.O_CLOEXEC)]
        confine(readable, writable, self._program)
