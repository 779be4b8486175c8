"""The replicas that are there and the drains in force, in this process's memory."""

from __future__ import annotations

from collections.abc import Callable

from domain.drain import Drains, Presence


class ReplicaList:
    """Processes by owner, each until its time is over by ``monotonic`` (seconds)."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self.drains = Drains()
        self._monotonic = monotonic
        self._present: dict[str, tuple[Presence, float]] = {}

    def announce(self, presence: Presence, for_s: float) -> None:
        """Note that a process is there, for the next ``for_s`` seconds."""
        self._present[presence.owner] = presence, self._monotonic() + for_s

    def withdraw(self, owner: str) -> None:
        """Forget a process."""
        self._present.pop(owner, None)

    def present(self) -> list[Presence]:
        """Return who is there, and forget the others."""
        now = self._monotonic()
        self._present = {owner: (each, until) for owner, (each, until) in self._present.items() if until > now}
        return [presence for presence, _ in self._present.values()]

    def become(self, other: ReplicaList) -> None:
        """Know what the other one knows, and nothing else."""
        self.drains, self._present = other.drains, dict(other._present)
