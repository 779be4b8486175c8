"""Giving one copied thing the owner, mode and times of its source, as far as the account may.

Everything is done on open descriptors, or on names in open directories without following symlinks. What the system
refuses (another's file, a file system without owners) is noted and is no failure: owners are kept where they can be.
"""

from __future__ import annotations

import os
import stat

from adapters.executors.local.supervisor.walking import Notes

_BORROWED_RIGHTS = stat.S_ISUID | stat.S_ISGID


class Attributes:
    """``status`` is always the source's, ``standing`` the copy's as it was found."""

    def __init__(self, notes: Notes) -> None:
        self._notes = notes
        self._uid = os.geteuid()
        self._groups = {os.getegid(), *os.getgroups()}

    def stand(self, status: os.stat_result, standing: os.stat_result) -> bool:
        """Whether owner and mode are as in the source, or as near to it as the account may set them."""
        wanted = (status.st_mode, status.st_uid, status.st_gid)
        if wanted == (standing.st_mode, standing.st_uid, standing.st_gid):
            return True
        owner = self._owner_to_set(status, standing)
        return owner is None and _mode_for(status, standing, owner) == stat.S_IMODE(standing.st_mode)

    def stand_on_link(self, status: os.stat_result, standing: os.stat_result) -> bool:
        """The same for a symlink, with its time; it has no mode."""
        return self._owner_to_set(status, standing) is None and status.st_mtime_ns == standing.st_mtime_ns

    def set_on_file(
        self, directory: int, name: str, path: str, status: os.stat_result, standing: os.stat_result
    ) -> None:
        """Set owner and mode of the file ``name`` in an open directory."""
        try:
            fd = os.open(name, os.O_PATH | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=directory)
        except OSError as error:
            self._notes.error(path, error)
            return
        try:
            # An O_PATH descriptor needs no right to read. It takes no fchmod, but has a name that cannot be swapped.
            self._set(f"/proc/self/fd/{fd}", path, status, standing)
        finally:
            os.close(fd)

    def set_on_directory(self, directory: int, path: str, status: os.stat_result, standing: os.stat_result) -> None:
        """Set owner, mode and time of an open directory."""
        self._set(directory, path, status, standing)
        if status.st_mtime_ns != standing.st_mtime_ns:
            try:
                os.utime(directory, ns=(standing.st_atime_ns, status.st_mtime_ns))
            except OSError as error:
                self._notes.error(path, error)

    def set_on_link(
        self, directory: int, name: str, path: str, status: os.stat_result, standing: os.stat_result
    ) -> None:
        """Set owner and time of a symlink itself; it has no mode."""
        owner = self._owner_to_set(status, standing)
        try:
            if owner is not None:
                os.chown(name, *owner, dir_fd=directory, follow_symlinks=False)
            if status.st_mtime_ns != standing.st_mtime_ns:
                self.set_time(directory, name, path, status)
        except OSError as error:
            self._notes.error(path, error)

    def set_time(self, directory: int, name: str, path: str, status: os.stat_result) -> None:
        """Set the time of ``name`` in an open directory."""
        try:
            times = (status.st_atime_ns, status.st_mtime_ns)
            os.utime(name, ns=times, dir_fd=directory, follow_symlinks=False)
        except OSError as error:
            self._notes.error(path, error)

    def _set(self, copy: int | str, path: str, status: os.stat_result, standing: os.stat_result) -> None:
        owner = self._owner_to_set(status, standing)
        if owner is not None:
            try:
                os.chown(copy, *owner)
            except OSError as error:
                self._notes.error(path, error)
                owner = None
        mode = _mode_for(status, standing, owner)
        if owner is None and mode == stat.S_IMODE(standing.st_mode):
            return
        try:
            os.chmod(copy, mode)
        except OSError as error:
            self._notes.error(path, error)

    def _owner_to_set(self, status: os.stat_result, standing: os.stat_result) -> tuple[int, int] | None:
        """Return the uid and gid to set (-1 leaves one as it is), None where nothing has to be or may be set."""
        if self._uid == 0:
            wanted = (status.st_uid, status.st_gid)
            return wanted if wanted != (standing.st_uid, standing.st_gid) else None
        if status.st_gid != standing.st_gid and status.st_gid in self._groups and standing.st_uid == self._uid:
            return -1, status.st_gid
        return None


def _mode_for(status: os.stat_result, standing: os.stat_result, owner: tuple[int, int] | None) -> int:
    """Return the mode to set. A file that keeps another owner or group must not act with the rights of those."""
    mode = stat.S_IMODE(status.st_mode)
    if stat.S_ISDIR(status.st_mode):
        return mode
    uid, gid = owner or (-1, -1)
    owners = (standing.st_uid if uid == -1 else uid, standing.st_gid if gid == -1 else gid)
    return mode if owners == (status.st_uid, status.st_gid) else mode & ~_BORROWED_RIGHTS
