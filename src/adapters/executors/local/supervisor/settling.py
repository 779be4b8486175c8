"""After a copy: owners, modes and times as in the source, and the proof that everything is there.

rclone sets attributes only of what it transfers, fails on those that an ordinary user may not set, and knows neither
setgid nor the top directory. So it copies contents with private modes, and this walk does the rest: as the user, name
by name in open directories, so that no swapped symlink leads it elsewhere. Only what matches its source is touched.
What does not, although the source was left alone since before the copy, is a problem, whatever the mover said.
"""

from __future__ import annotations

import os
import stat

from adapters.executors.local.supervisor.attributes import Attributes
from adapters.executors.local.supervisor.walking import Notes, below, entries, kind, opened, same_file


class Settling:
    """Walks source and target side by side."""

    def __init__(self, since_ns: int, *, by_content: bool, copied: bool) -> None:
        """``since_ns``: a change of the source at or after this instant excuses a difference.

        ``by_content``: the mover compared contents and left times alone. ``copied``: it said that it copied everything.
        """
        self.problems = Notes()
        self.notes = Notes()
        self._attributes = Attributes(self.notes)
        self._since_ns = since_ns
        self._sets_file_times = by_content and copied

    def tree(self, source: int, target: int, path: str = "") -> None:
        """Settle everything below two open directories, then the directories themselves."""
        try:
            found = entries(source)
        except OSError as error:
            self.problems.error(path, error)
            return
        for entry in found:
            if not _is_settled(entry, target):
                self.entry(source, target, entry.name, entry.name, below(path, entry.name))
        self._attributes.set_on_directory(target, path, os.fstat(source), os.fstat(target))

    def entry(self, source: int, target: int, name: str, copy: str, path: str) -> None:
        """Settle ``copy`` in one open directory by ``name`` in another."""
        try:
            status = os.stat(name, dir_fd=source, follow_symlinks=False)
        except FileNotFoundError:
            return  # vanished, as files do
        mode = status.st_mode
        if not (stat.S_ISDIR(mode) or stat.S_ISREG(mode) or stat.S_ISLNK(mode)):
            return
        try:
            standing = os.stat(copy, dir_fd=target, follow_symlinks=False)
        except FileNotFoundError:
            self._differs(path, status, "was not copied")
            return
        if stat.S_IFMT(mode) != stat.S_IFMT(standing.st_mode):
            self._differs(path, status, f"is {kind(mode)} in the source and {kind(standing.st_mode)} in the target")
        elif stat.S_ISDIR(mode):
            self._inner(source, target, name, copy, path)
        elif stat.S_ISREG(mode):
            self._file(target, copy, path, status, standing)
        elif os.readlink(name, dir_fd=source) != os.readlink(copy, dir_fd=target):
            self._differs(path, status, "leads elsewhere than in the source")
        else:
            self._attributes.set_on_link(target, copy, path, status, standing)

    def _inner(self, source: int, target: int, name: str, copy: str, path: str) -> None:
        try:
            with opened(name, source) as inner, opened(copy, target) as mirrored:
                self.tree(inner, mirrored, path)
        except FileNotFoundError:
            return
        except OSError as error:
            self.problems.error(path, error)

    def _file(self, target: int, name: str, path: str, status: os.stat_result, standing: os.stat_result) -> None:
        same_time = status.st_mtime_ns == standing.st_mtime_ns
        if status.st_size != standing.st_size or not (same_time or self._sets_file_times):
            self._differs(path, status, "was not copied as it is in the source")
            return
        wanted = (status.st_mode, status.st_uid, status.st_gid)
        if wanted != (standing.st_mode, standing.st_uid, standing.st_gid):
            self._attributes.set_on_file(target, name, path, status, standing)
        if not same_time and not self._changed(status):
            self._attributes.set_time(target, name, path, status)

    def _changed(self, status: os.stat_result) -> bool:
        return status.st_ctime_ns >= self._since_ns

    def _differs(self, path: str, status: os.stat_result, what: str) -> None:
        if not self._changed(status):
            self.problems.add(path, what)


def _is_settled(entry: os.DirEntry[str], target: int) -> bool:
    try:
        status = entry.stat(follow_symlinks=False)
        standing = os.stat(entry.name, dir_fd=target, follow_symlinks=False)
    except OSError:
        return False
    return same_file(status, standing)
