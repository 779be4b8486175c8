"""The system calls that Python has no name for."""

from __future__ import annotations

import ctypes
import os
import signal
import struct
import time

_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36
_PR_SET_NO_NEW_PRIVS = 38
_TFD_TIMER_ABSTIME = 1

_libc = ctypes.CDLL(None, use_errno=True)


def call(number: int, *arguments: object) -> int:
    """Make the system call with this number (of the table that all newer architectures share).

    Raises:
        OSError: it failed.
    """
    return _checked(int(_libc.syscall(ctypes.c_long(number), *arguments)))


def adopt_orphans() -> None:
    """Become the parent of every descendant whose own parent ends, so that their ends can be waited for."""
    _prctl(_PR_SET_CHILD_SUBREAPER, 1)


def forbid_new_rights() -> None:
    """Let no program that is started from here on gain rights from its file (setuid and the like)."""
    _prctl(_PR_SET_NO_NEW_PRIVS, 1)


def die_with_parent(parent: int) -> None:
    """Be killed when the thread that started this process ends. A change of uid takes this back."""
    _prctl(_PR_SET_PDEATHSIG, int(signal.SIGKILL))
    if os.getppid() != parent:
        os.kill(os.getpid(), signal.SIGKILL)


class Timer:
    """Makes ``fd`` readable at an instant of ``CLOCK_BOOTTIME``.

    A wait with a timeout stands still while the machine sleeps, and a lease does not: this is due at the waking.
    """

    def __init__(self) -> None:
        self.fd = _checked(_libc.timerfd_create(ctypes.c_int(time.CLOCK_BOOTTIME), ctypes.c_int(os.O_CLOEXEC)))

    def set(self, at: float | None) -> None:
        """Be readable from ``at`` on, or never."""
        # All zero would mean never, and what is over is due at once.
        instant = 0 if at is None else max(1, round(at * 1e9))
        setting = struct.pack("@4l", 0, 0, *divmod(instant, 10**9))
        _checked(_libc.timerfd_settime(ctypes.c_int(self.fd), ctypes.c_int(_TFD_TIMER_ABSTIME), setting, None))


def _prctl(option: int, value: int) -> None:
    zero = ctypes.c_ulong(0)
    _checked(_libc.prctl(ctypes.c_int(option), ctypes.c_ulong(value), zero, zero, zero))


def _checked(result: int) -> int:
    if result < 0:
        error = ctypes.get_errno()
        raise OSError(error, os.strerror(error))
    return result
