"""The middle of a copy: the mover, where there is work for one, and what is left to settle after it."""

from __future__ import annotations

import os
import stat
import time

from adapters.executors.local.supervisor.comparing import Comparison
from adapters.executors.local.supervisor.job import Job, tell
from adapters.executors.local.supervisor.moving import PRIVATE, USUAL, Mover
from adapters.executors.local.supervisor.settling import Settling


class Copying:
    """One copy. What is equal already is shown to ``comparison`` before :meth:`move`."""

    def __init__(self, job: Job, mover: Mover) -> None:
        self.comparison = Comparison(job)
        self._job = job
        self._mover = mover
        self._since_ns = time.time_ns()
        self._code: int | None = 0

    def move(self, arguments: list[str], source: int, target: int | None) -> None:
        """Have the mover do what there is to do.

        ``source``: what the mover may read, open. ``target``: what it may write below, None where it changes nothing.
        """
        if not self.comparison.is_over:
            tell({"event": "unchanged", "files_done": self.comparison.files, "bytes_done": self.comparison.bytes})
            return
        self._since_ns = time.time_ns()
        writable = [] if target is None else [target]
        umask = USUAL if target is not None and _is_private(target) else PRIVATE
        self._code = self._mover.run(arguments, [source], writable, umask)

    def settling(self) -> Settling | None:
        """Return what settles the copy, None where there is nothing to settle or the mover did not come to its end."""
        if self._code is None or not self._job["settle"] or self._job["dry_run"]:
            return None
        if not self.comparison.is_over and not self.comparison.leaves_attributes:
            return None
        return Settling(self._since_ns, by_content=self._job["by_content"], copied=self._code == 0)


def _is_private(directory: int) -> bool:
    status = os.fstat(directory)
    return status.st_uid == os.geteuid() and not status.st_mode & (stat.S_IRWXG | stat.S_IRWXO)
