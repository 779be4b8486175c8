"""The programs that copy. Each is a small adapter of :class:`.base.Mover`."""

from __future__ import annotations

from collections.abc import Callable

from adapters.executors.local.movers.base import Mover
from adapters.executors.local.movers.rclone import Rclone, find_rclone
from adapters.executors.local.movers.rsync import Rsync, find_rsync

_MOVERS: dict[str, Callable[[], Mover]] = {
    "rclone": lambda: Rclone(find_rclone()),
    "rsync": lambda: Rsync(find_rsync()),
}


def find_mover(name: str) -> Mover:
    """Return ``rclone`` or ``rsync``.

    Raises:
        ConfigurationProblem: it is not installed.
    """
    return _MOVERS[name]()
