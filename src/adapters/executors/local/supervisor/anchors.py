"""Opening a user's path so that no symlink, and no later swap for one, leads it elsewhere.

The allowed roots are trusted and may be symlinks themselves. Below its root a path is walked one name at a time with
directory descriptors and ``O_NOFOLLOW``: a symlink on the way is refused, not followed, for whoever may write to a
directory on the way could lead another user's task with it. What comes back is the open parent directory and a name in
it; work that starts from there cannot be moved by changing what lies above.
"""

from __future__ import annotations

import errno
import os
import posixpath
import stat
from typing import NamedTuple

Identity = tuple[int, int]
READ_DIRECTORY = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_LOOK = os.O_PATH | os.O_NOFOLLOW | os.O_CLOEXEC


class Refusal(Exception):
    """The work cannot be done, and why, in plain words."""


class Anchor(NamedTuple):
    """A path whose parent directory is open. (No dataclass: a task waits for the import of that module.)"""

    shown: str
    """As the user gave it."""
    parent: int
    """Descriptor of the parent directory, opened with O_PATH."""
    name: str
    """In the parent. More than one component where a parent is missing and was not to be made."""
    above: frozenset[Identity]
    """Device and inode of every directory above."""

    def status(self) -> os.stat_result | None:
        """Return what stands there, a symlink as itself, or None. Raises :class:`Refusal` where that cannot be told."""
        try:
            return os.stat(self.name, dir_fd=self.parent, follow_symlinks=False)
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            raise refused(error, self.shown) from error

    def open_directory(self) -> int:
        """Open the directory that stands there. Raises :class:`Refusal`."""
        try:
            return os.open(self.name, READ_DIRECTORY, dir_fd=self.parent)
        except OSError as error:
            raise refused(error, self.shown) from error


def anchor(path: str, roots: list[str], *, make_parents: bool = False) -> Anchor:
    """Open the parent directory of ``path``, which the path policy has let pass as text.

    Raises:
        Refusal: it is not there, may not be entered, or is reached through a symlink.
    """
    root = max((root for root in roots if _is_within(path, root)), key=len)
    steps = _steps(path, root)
    if not steps:
        raise Refusal(f"{path} is the root of the file system")
    directory = os.open("/", _LOOK | os.O_DIRECTORY)
    above = {identity(os.fstat(directory))}
    *parents, (name, _) = steps
    for index, (part, shown) in enumerate(parents):
        try:
            following = _enter(directory, part, shown, make_parents)
        except FileNotFoundError:
            missing = posixpath.join(*(step for step, _ in steps[index:]))
            return Anchor(path, directory, missing, frozenset(above))
        os.close(directory)
        directory = following
        above.add(identity(os.fstat(directory)))
    return Anchor(path, directory, name, frozenset(above))


def identity(status: os.stat_result) -> Identity:
    """Return what tells a file from every other."""
    return status.st_dev, status.st_ino


def refused(error: OSError, shown: str) -> Refusal:
    """Say in a person's words why a path cannot be used."""
    reason = os.strerror(error.errno or errno.EIO)
    return Refusal(f"{shown}: {reason[:1].lower()}{reason[1:]}")


def _steps(path: str, root: str) -> list[tuple[str, str]]:
    try:
        real = os.path.realpath(root, strict=True)
    except OSError as error:
        raise refused(error, f"the allowed root {root}") from error
    below = [name for name in path[len(root) :].split("/") if name]
    steps = [(name, root) for name in real.split("/") if name]
    shown = root.rstrip("/")
    for name in below:
        shown = f"{shown}/{name}"
        steps.append((name, shown))
    return steps


def _enter(directory: int, name: str, shown: str, make: bool) -> int:
    try:
        return os.open(name, _LOOK | os.O_DIRECTORY, dir_fd=directory)
    except FileNotFoundError:
        if not make:
            raise
        return _make(directory, name, shown)
    except NotADirectoryError as error:
        if stat.S_ISLNK(os.stat(name, dir_fd=directory, follow_symlinks=False).st_mode):
            raise Refusal(
                f"{shown} is a symbolic link, and no path may lead through one: name the real path"
            ) from error
        raise refused(error, shown) from error
    except OSError as error:
        raise refused(error, shown) from error


def _make(directory: int, name: str, shown: str) -> int:
    try:
        os.mkdir(name, 0o777, dir_fd=directory)
    except FileExistsError:
        pass
    except OSError as error:
        raise refused(error, f"cannot make the directory {shown}") from error
    return _enter(directory, name, shown, make=False)


def _is_within(path: str, root: str) -> bool:
    return path == root or path.startswith(root.rstrip("/") + "/")
