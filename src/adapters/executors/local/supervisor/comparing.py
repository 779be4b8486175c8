"""Whether a copy has anything to do, found out by a walk that is made anyhow.

Most syncs of a tree that is synced every night find little or nothing to do, and starting a mover to find that out
costs more than looking. What counts as equal is what counts for the movers: kind, size and time to the nanosecond.
With the first difference the looking ends, for then the mover looks at everything.
"""

from __future__ import annotations

import os
import stat

from adapters.executors.local.supervisor.attributes import Attributes
from adapters.executors.local.supervisor.job import Job
from adapters.executors.local.supervisor.walking import Notes, same_file


class Comparison:
    """Is shown source and target, pair by pair."""

    def __init__(self, job: Job) -> None:
        self.is_over = False
        """Whether there is work for the mover, so that no more need be shown."""
        self.leaves_attributes = False
        """Whether owners, modes or times are left to be set."""
        self.files = 0
        """Files and links that are equal."""
        self.bytes = 0
        self._settle = job["settle"]
        self._attributes = Attributes(Notes())
        if job["by_content"] or job["dry_run"]:
            self.differ()  # to read contents, or to tell what it would do, is work for the mover

    def differ(self) -> None:
        """Something is on one side only, or of another kind, or cannot be looked at."""
        self.is_over = True

    def add(self, files: int, size: int) -> None:
        """Count files that were found equal elsewhere, and their bytes."""
        self.files += files
        self.bytes += size

    def finds_equal(self, entry: os.DirEntry[str], standing: os.DirEntry[str]) -> bool:
        """Whether these are two files that are the same, as most are: found out as cheaply as can be.

        Where it cannot be told, or the looking is over, they are not.
        """
        if self.is_over:
            return False
        try:
            status, copy = entry.stat(follow_symlinks=False), standing.stat(follow_symlinks=False)
        except OSError:
            return False
        if same_file(status, copy) and (self._settle or status.st_nlink == copy.st_nlink == 1):
            self.files += 1
            self.bytes += status.st_size
            return True
        return False

    def entries(self, source: int, target: int, entry: os.DirEntry[str], standing: os.DirEntry[str]) -> None:
        """Look at what stands under one name in two open directories, neither of them a directory."""
        try:
            status, copy = entry.stat(follow_symlinks=False), standing.stat(follow_symlinks=False)
            self.pair(source, target, entry.name, entry.name, status, copy)
        except OSError:
            self.differ()

    def pair(
        self, source: int, target: int, name: str, copy: str, status: os.stat_result, standing: os.stat_result
    ) -> None:
        """Look at two names in open directories, neither of them a directory's. Raises OSError."""
        if stat.S_ISREG(status.st_mode) and stat.S_ISREG(standing.st_mode):
            self._files(status, standing)
        elif stat.S_ISLNK(status.st_mode) and stat.S_ISLNK(standing.st_mode):
            if os.readlink(name, dir_fd=source) != os.readlink(copy, dir_fd=target):
                self.differ()
            elif not self._attributes.stand_on_link(status, standing):
                self._leave_attributes()
        else:
            self.differ()
        self.files += 1
        self.bytes += status.st_size

    def directories(self, source: int, target: int) -> None:
        """Look at two open directories themselves. Raises OSError."""
        status, standing = os.fstat(source), os.fstat(target)
        if status.st_mtime_ns != standing.st_mtime_ns or not self._attributes.stand(status, standing):
            self._leave_attributes()

    def _files(self, status: os.stat_result, standing: os.stat_result) -> None:
        is_same = status.st_size == standing.st_size and status.st_mtime_ns == standing.st_mtime_ns
        # Whether hard links are on both sides the same is for a mover to say that keeps them.
        if not is_same or not (self._settle or status.st_nlink == standing.st_nlink == 1):
            self.differ()
        elif not self._attributes.stand(status, standing):
            self._leave_attributes()

    def _leave_attributes(self) -> None:
        self.leaves_attributes = True
        if not self._settle:
            self.differ()
