"""Removing one tree, and only that one, whatever is swapped for what meanwhile.

Neither mover removes a tree so that a directory that is swapped for a symlink while it is being walked leads nowhere
else, tells how far it got, and names every file that it could not remove. So this is done here, for both: each
directory is opened from its parent, never through a symlink, and emptied by names that are looked up in it.
"""

from __future__ import annotations

import errno
import os
import time

from adapters.executors.local.supervisor.job import tell
from adapters.executors.local.supervisor.walking import Notes, below, entries, is_directory, opened

_TOLD_EVERY_S = 0.5
_NOT_EMPTY = (errno.ENOTEMPTY, errno.EEXIST)


class Removal:
    """Counts while it removes."""

    def __init__(self, *, dry_run: bool = False) -> None:
        self.notes = Notes()
        self.total = 0
        self.done = 0
        self._dry_run = dry_run
        self._tell_at = 0.0

    def run(self, parent: int, name: str, is_tree: bool) -> None:
        """Remove ``name`` from the open directory ``parent``. What cannot be removed is noted, and the rest goes on."""
        self.total = 1
        if is_tree:
            self._count(parent, name, "")
        if self._dry_run:
            return
        if is_tree:
            self._empty(parent, name, "")
        self._take_away(parent, name, "", is_tree)

    def _count(self, parent: int, name: str, path: str) -> None:
        try:
            with opened(name, parent) as directory:
                for entry in entries(directory):
                    self.total += 1
                    if is_directory(entry):
                        self._count(directory, entry.name, below(path, entry.name))
        except FileNotFoundError:
            pass
        except OSError as error:
            if self._dry_run:
                self.notes.error(path, error)

    def _empty(self, parent: int, name: str, path: str) -> None:
        try:
            with opened(name, parent) as directory:
                for entry in entries(directory):
                    inner, is_tree = below(path, entry.name), is_directory(entry)
                    if is_tree:
                        self._empty(directory, entry.name, inner)
                    self._take_away(directory, entry.name, inner, is_tree)
        except FileNotFoundError:
            pass  # somebody else was quicker
        except OSError as error:
            self.notes.error(path, error)

    def _take_away(self, parent: int, name: str, path: str, is_tree: bool) -> None:
        try:
            if is_tree:
                os.rmdir(name, dir_fd=parent)
            else:
                os.unlink(name, dir_fd=parent)
        except FileNotFoundError:
            pass
        except OSError as error:
            self._note_left(path, error)
            return
        self._count_done()

    def _note_left(self, path: str, error: OSError) -> None:
        # A directory stays only because something in it did, and that was noted.
        if not (self.notes.told and error.errno in _NOT_EMPTY):
            self.notes.error(path, error)

    def _count_done(self) -> None:
        self.done += 1
        self.total = max(self.total, self.done)
        now = time.monotonic()
        if now >= self._tell_at:
            self._tell_at = now + _TOLD_EVERY_S
            tell({"event": "progress", "files_done": self.done, "files_total": self.total})
