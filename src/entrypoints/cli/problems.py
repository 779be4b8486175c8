"""What the command line says when something is not as it must be: one line on stderr, and no traceback."""

from __future__ import annotations

import sys
from enum import IntEnum

from domain.ports import StoreUnavailable
from entrypoints.settings import Settings, StoreKind, hide_password


class ExitCode(IntEnum):
    """What the process tells its caller. README and `--help` document it."""

    DONE = 0
    FAILED = 1
    """The task, or what the command needed (Redis, a port, a program), failed."""
    MISUSED = 2
    """The command line or a setting cannot be used."""
    UNREACHABLE = 3
    """The service that a command of `admin` speaks to did not answer, or refused the token."""
    INTERRUPTED = 130
    """Ctrl-C."""


class Problem(Exception):
    """Something that the user can mend. Its text is one line that says what is wrong and what to do."""

    def __init__(self, text: str, code: ExitCode = ExitCode.FAILED) -> None:
        super().__init__(text)
        self.code = code


class Misuse(Problem):
    """The command line asks for what cannot be."""

    def __init__(self, text: str) -> None:
        super().__init__(text, ExitCode.MISUSED)


def store_problem(settings: Settings, error: StoreUnavailable) -> Problem:
    """Return how to tell a user that the store is away."""
    if settings.store is StoreKind.MEMORY:
        return Problem(f"the store failed: {error}")
    where = hide_password(settings.redis_write_url)
    reason = str(error).removeprefix("Redis: ")
    return Problem(f"Redis at {where} cannot be used ({reason}); is it running, and is DMS_REDIS_WRITE_URL right?")


def tell(problem: str) -> None:
    """Print a problem to people."""
    print(f"dms-scheduler: {' '.join(problem.split())}", file=sys.stderr)
