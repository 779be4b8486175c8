"""A directory of its own for the temporary files of a mover.

rclone finds out how finely times can be told by trying it in such a place. Without one it takes times for equal that
differ by less than a second, and misses changes. Confinement allows no shared place, so each mover gets its own.
"""

from __future__ import annotations

import contextlib
import os

from adapters.executors.local.supervisor.anchors import READ_DIRECTORY, Refusal
from adapters.executors.local.supervisor.job import Account
from adapters.executors.local.supervisor.removing import Removal

_PLACES = ("/dev/shm", "/tmp", "/var/tmp")


def make_scratch(account: Account | None) -> str:
    """Make a directory for ``account`` and return its path. Raises :class:`.anchors.Refusal`."""
    for place in _PLACES:
        path = f"{place}/dms-{os.urandom(8).hex()}"
        try:
            os.mkdir(path, 0o700)
        except OSError:
            continue
        if account is not None:
            os.chown(path, account["uid"], account["gid"], follow_symlinks=False)
        return path
    raise Refusal(f"none of {', '.join(_PLACES)} takes temporary files, and the mover needs a place for them")


def remove_scratch(path: str) -> None:
    """Remove the directory and what was left in it, never through a symlink."""
    place, name = os.path.split(path)
    with contextlib.suppress(OSError):
        parent = os.open(place, READ_DIRECTORY)
        try:
            Removal().run(parent, name, is_tree=True)
        finally:
            os.close(parent)
