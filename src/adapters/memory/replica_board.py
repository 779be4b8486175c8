"""The board of the replicas in this process's memory."""

from __future__ import annotations

from collections.abc import Sequence

from adapters.memory.database import MemoryDatabase
from domain.drain import Drains, Presence, check_room


class MemoryReplicaBoard:
    """Implements :class:`application.ports.ReplicaBoard`."""

    def __init__(self, database: MemoryDatabase) -> None:
        self._replicas = database.replicas

    async def announce(self, presence: Presence, for_s: float) -> bool:
        self._replicas.announce(presence, for_s)
        return self._replicas.drains.holds(presence.replica)

    async def withdraw(self, owner: str) -> None:
        self._replicas.withdraw(owner)

    async def present(self) -> Sequence[Presence]:
        return sorted(self._replicas.present(), key=lambda presence: (presence.replica, presence.owner))

    async def drain_everything(self, drained: bool) -> None:
        self._replicas.drains = self._replicas.drains.with_everything(drained)

    async def drain_replica(self, name: str, drained: bool) -> None:
        if drained:
            check_room(self._replicas.drains, name)
        self._replicas.drains = self._replicas.drains.with_replica(name, drained)

    async def drains(self) -> Drains:
        return self._replicas.drains
