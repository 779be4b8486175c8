"""What a mover is to the local executor: a program, its arguments, and how to read what it says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from adapters.executors.local.options import Options
from adapters.executors.output import Tail
from domain.values import Progress


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a mover's end means."""

    done: bool
    reason: str = ""
    """Why it is not done, in plain words on one line."""
    transient: bool = False
    """Whether trying again may help."""


class Listener(Protocol):
    """Reads the output of one run."""

    @property
    def progress(self) -> Progress | None:
        """How far the mover got, None until it has said so."""
        ...

    def hear(self, line: str) -> None:
        """Take in one line, and put into the tail what a person wants to read of it."""
        ...

    def judge(self, code: int) -> Verdict:
        """Say what the exit code means after all that was heard.

        A source file that vanishes while it is copied is no failure, a special file is skipped, and attributes that
        the account may not set are left: the same rule for every mover.
        """
        ...

    def summary(self) -> str:
        """One line on what was done."""
        ...


class Mover(Protocol):
    """A program that copies trees and files. Removing is not a mover's work (see :mod:`..supervisor.removing`)."""

    @property
    def name(self) -> str:
        """For people."""
        ...

    @property
    def program(self) -> str:
        """Absolute path of the program."""
        ...

    @property
    def needs_scratch(self) -> bool:
        """Whether the program needs a place for temporary files."""
        ...

    @property
    def settles(self) -> bool:
        """Whether owners, modes and directories' times are left to the worker (see :mod:`..supervisor.settling`)."""
        ...

    @property
    def reserved_suffix(self) -> str:
        """Names that end so mean something else to the program, unless they are links. Empty: none does."""
        ...

    def tree_arguments(self, options: Options) -> list[str]:
        """Return the argument list that makes a directory equal, or with ``options.delete`` the same.

        Source and target are the tokens of :mod:`..supervisor.job`.
        """
        ...

    def file_arguments(self, options: Options) -> list[str]:
        """Return the argument list that copies one file to one name."""
        ...

    def listen(self, tail: Tail, options: Options) -> Listener:
        """Return a reader for one run's output."""
        ...
