"""The programs that copy. Each is a small adapter of :class:`.base.Mover`."""

from __future__ import annotations

import shutil
from collections.abc import Callable

from adapters.executors.local.movers.base import Mover
from adapters.executors.local.movers.rclone import Rclone, find_rclone
from adapters.executors.local.movers.rsync import Rsync, find_rsync

_MOVERS: dict[str, Callable[[], Mover]] = {
    "rclone": lambda: Rclone(find_rclone()),
    "rsync": lambda: Rsync(find_rsync()),
}


def find_mover(name: str | None = None) -> Mover:
    """Return ``rclone`` or ``rsync``; without a name rsync where it is installed, for it is faster (docs/movers.md).

    Raises:
        ConfigurationProblem: it is not installed.
    """
    return _MOVERS[name or ("rsync" if shutil.which("rsync") else "rclone")]()
