"""Before a copy: what stands in the target where the source has something of another kind.

rclone does not copy such a thing, and calls some cases of it success; rsync removes what is in the way even where
nothing may be deleted. So both get a target without such conflicts: with ``delete`` what is in the way is removed,
without it the copy is refused before anything is moved. A symlink in the target where the source has a directory is one
of them; nothing is ever written through it.
"""

from __future__ import annotations

import os
import stat

from adapters.executors.local.supervisor.anchors import Refusal
from adapters.executors.local.supervisor.job import Job
from adapters.executors.local.supervisor.removing import Removal
from adapters.executors.local.supervisor.walking import Notes, below, entries, is_directory, opened


class Clearing:
    """Walks source and target side by side."""

    def __init__(self, job: Job) -> None:
        self._job = job
        self._conflicts = Notes()
        self._reserved = Notes()

    def run(self, source: int, target: int) -> None:
        """Clear the target for the copy. Raises :class:`Refusal` where that may not be."""
        self._pair(source, target, "")
        if self._conflicts.told:
            raise Refusal(
                "the target holds something of another kind than the source: "
                f"{_listed(self._conflicts)}; remove it, or sync with --delete"
            )
        if self._reserved.told:
            suffix = self._job["reserved_suffix"]
            raise Refusal(
                f"this mover takes names that end in {suffix} for symbolic links: {_listed(self._reserved)}; "
                "rename them, or ask for the mover rsync"
            )

    def _pair(self, source: int, target: int, path: str) -> None:
        theirs = {entry.name: entry for entry in entries(target)}
        for entry in entries(source):
            standing = theirs.pop(entry.name, None)
            inner = below(path, entry.name)
            self._check_name(entry, inner)
            if is_directory(entry):
                self._directory(source, target, entry, standing, inner)
            elif standing is not None and is_directory(standing):
                self._in_the_way(target, standing, inner, "a directory here, none in the source")
            elif standing is not None and self._would_lose(entry, standing):
                self._in_the_way(target, standing, inner, "a link on one side only")
        if self._job["delete"]:
            for extra in theirs.values():
                self._check_name(extra, below(path, extra.name))
                if is_directory(extra):
                    self._only_names(target, extra.name, below(path, extra.name))

    def _directory(
        self, source: int, target: int, entry: os.DirEntry[str], standing: os.DirEntry[str] | None, path: str
    ) -> None:
        try:
            if standing is None:
                self._only_names(source, entry.name, path)
            elif not is_directory(standing):
                self._in_the_way(target, standing, path, "no directory here, one in the source")
                self._only_names(source, entry.name, path)
            else:
                with opened(entry.name, source) as inner, opened(entry.name, target) as mirrored:
                    self._make_writable(mirrored)
                    self._pair(inner, mirrored, path)
        except OSError:
            return  # what cannot be read here cannot be read by the mover either, and that one tells why

    def _would_lose(self, entry: os.DirEntry[str], standing: os.DirEntry[str]) -> bool:
        """Whether the mover would copy this, then delete it: it knows links by a name of their own, and one is extra."""
        return (
            self._job["delete"] and bool(self._job["reserved_suffix"]) and entry.is_symlink() != standing.is_symlink()
        )

    def _in_the_way(self, target: int, standing: os.DirEntry[str], path: str, what: str) -> None:
        if not self._job["delete"]:
            self._conflicts.add(path, what)
        elif not self._job["dry_run"]:
            removal = Removal()
            removal.run(target, standing.name, is_directory(standing))
            for left in removal.notes.told:
                self._conflicts.add(path, f"could not be removed: {left}")

    def _only_names(self, directory: int, name: str, path: str) -> None:
        if not self._job["reserved_suffix"]:
            return
        try:
            with opened(name, directory) as inner:
                for entry in entries(inner):
                    self._check_name(entry, below(path, entry.name))
                    if is_directory(entry):
                        self._only_names(inner, entry.name, below(path, entry.name))
        except OSError:
            return

    def _check_name(self, entry: os.DirEntry[str], path: str) -> None:
        suffix = self._job["reserved_suffix"]
        if suffix and entry.name.endswith(suffix) and not entry.is_symlink():
            self._reserved.add(path, "is no link")

    def _make_writable(self, directory: int) -> None:
        """Let the owner write into a copy of a read-only directory; settling gives it its mode back."""
        mode = stat.S_IMODE(os.fstat(directory).st_mode)
        if self._job["settle"] and not self._job["dry_run"] and mode & stat.S_IRWXU != stat.S_IRWXU:
            try:
                os.fchmod(directory, mode | stat.S_IRWXU)
            except PermissionError:
                return  # somebody else's: the mover tells whether it matters


def _listed(notes: Notes) -> str:
    shown = ", ".join(notes.told[:3])
    more = len(notes.told) - 3 + notes.more
    return f"{shown} and {more} more" if more > 0 else shown
