"""Before a copy: what stands in the target where the source has something of another kind.

rclone does not copy such a thing, and calls some cases of it success; rsync removes what is in the way even where
nothing may be deleted. So both get a target without such conflicts: with ``delete`` what is in the way is removed,
without it the copy is refused before anything is moved. A symlink in the target where the source has a directory is one
of them; nothing is ever written through it.
"""

from __future__ import annotations

import contextlib
import os
import stat

from adapters.executors.local.supervisor.anchors import Refusal
from adapters.executors.local.supervisor.comparing import Comparison
from adapters.executors.local.supervisor.job import Job
from adapters.executors.local.supervisor.removing import Removal
from adapters.executors.local.supervisor.sharing import Sharing
from adapters.executors.local.supervisor.walking import Notes, below, entries, is_directory, opened


class Clearing:
    """Walks source and target side by side: once to look, and once more where there is something to change.

    So a copy that is refused has changed nothing, and neither has one that has nothing to do.
    """

    def __init__(self, job: Job, comparison: Comparison) -> None:
        """``comparison`` is shown what the first walk sees."""
        self._job = job
        self._comparison = comparison
        self._delete = job["delete"]
        self._suffix = job["reserved_suffix"]
        self._conflicts = Notes()
        self._reserved = Notes()
        self._has_to_change = False
        self._changes = False
        self._sharing = Sharing(comparison, self._noted)

    def run(self, source: int, target: int) -> None:
        """Clear the target for the copy. Raises :class:`Refusal` where that may not be."""
        self._pair(source, target, "")
        if self._conflicts.told:
            raise Refusal(
                "the target holds something of another kind than the source: "
                f"{self._conflicts.in_short()}; remove it, or sync with --delete"
            )
        if self._reserved.told:
            raise Refusal(
                f"this mover takes names that end in {self._suffix} for symbolic links: {self._reserved.in_short()}; "
                "rename them, or ask for the mover rsync"
            )
        if self._has_to_change and self._comparison.is_over and not self._job["dry_run"]:
            self._changes = True
            self._pair(source, target, "")
            if self._conflicts.told:
                raise Refusal(f"the target holds what cannot be replaced: {self._conflicts.in_short()}")

    def _pair(self, source: int, target: int, path: str) -> None:
        self._comparison.directories(source, target)
        theirs = {entry.name: entry for entry in entries(target)}
        inner: list[tuple[os.DirEntry[str], os.DirEntry[str] | None]] = []
        for entry in entries(source):
            standing = theirs.pop(entry.name, None)
            if self._suffix:
                self._check_name(entry, path)
            if standing is None:
                self._comparison.differ()
            if is_directory(entry):
                inner.append((entry, standing))
            elif standing is None or self._comparison.finds_equal(entry, standing):
                continue
            elif is_directory(standing):
                self._in_the_way(target, standing, path, "a directory here, none in the source")
            elif self._would_lose(entry, standing):
                self._in_the_way(target, standing, path, "a link on one side only")
            elif not self._comparison.is_over:
                self._comparison.entries(source, target, entry, standing)
        self._sharing.walk(len(inner), lambda index: self._directory(source, target, *inner[index], path))
        if self._delete and theirs:
            self._comparison.differ()
            for extra in theirs.values():
                self._check_name(extra, path)
                if is_directory(extra):
                    self._only_names(target, extra.name, below(path, extra.name))

    def _directory(
        self, source: int, target: int, entry: os.DirEntry[str], standing: os.DirEntry[str] | None, above: str
    ) -> None:
        path = below(above, entry.name)
        try:
            if standing is None:
                self._only_names(source, entry.name, path)
            elif not is_directory(standing):
                self._in_the_way(target, standing, above, "no directory here, one in the source")
                self._only_names(source, entry.name, path)
            else:
                with opened(entry.name, source) as inner, opened(entry.name, target) as mirrored:
                    self._make_writable(mirrored)
                    self._pair(inner, mirrored, path)
        except OSError:
            self._comparison.differ()
            return  # what cannot be read here cannot be read by the mover either, and that one tells why

    def _would_lose(self, entry: os.DirEntry[str], standing: os.DirEntry[str]) -> bool:
        """Whether the mover would copy this, then delete it: it has two names for it, as a link and as a file."""
        return self._delete and bool(self._suffix) and entry.is_symlink() != standing.is_symlink()

    def _in_the_way(self, target: int, standing: os.DirEntry[str], directory: str, what: str) -> None:
        self._comparison.differ()
        path = below(directory, standing.name)
        if not self._delete:
            self._conflicts.add(path, what)
        elif not self._changes:
            self._has_to_change = True
        else:
            removal = Removal()
            removal.run(target, standing.name, is_directory(standing))
            for left in removal.notes.told:
                self._conflicts.add(path, left)

    def _only_names(self, directory: int, name: str, path: str) -> None:
        if not self._suffix:
            return
        try:
            with opened(name, directory) as inner:
                for entry in entries(inner):
                    self._check_name(entry, path)
                    if is_directory(entry):
                        self._only_names(inner, entry.name, below(path, entry.name))
        except OSError:
            return

    def _check_name(self, entry: os.DirEntry[str], directory: str) -> None:
        if self._suffix and entry.name.endswith(self._suffix) and not entry.is_symlink():
            self._reserved.add(below(directory, entry.name), "is no link")

    def _make_writable(self, directory: int) -> None:
        """Let the owner write into a copy of a read-only directory; settling gives it its mode back."""
        mode = stat.S_IMODE(os.fstat(directory).st_mode)
        if not self._job["settle"] or mode & stat.S_IRWXU == stat.S_IRWXU:
            return
        self._has_to_change = True
        # Where it is somebody else's, the mover tells whether it matters.
        if self._changes:
            with contextlib.suppress(PermissionError):
                os.fchmod(directory, mode | stat.S_IRWXU)

    def _noted(self) -> object:
        return self._conflicts.count(), self._reserved.count(), self._has_to_change
