"""The use case of draining: letting replicas claim nothing more, and letting them go on."""

from __future__ import annotations

from application.ports import ReplicaBoard
from domain.drain import Drains, UnknownReplica


class SetDrain:
    """Drain all replicas or one, or let them go on. Each hears of it within a second, and after a restart at once.

    What is at work goes on to its end, and submits are accepted. Only a replica that is there can be drained by name,
    for a name that nobody has would drain nothing; a drain may be lifted whether its replica is there or not.
    """

    def __init__(self, board: ReplicaBoard) -> None:
        self._board = board

    async def __call__(self, replica: str | None, drained: bool) -> Drains:
        """Return the drains that are in force then; no ``replica`` means all.

        Raises UnknownReplica, TooManyDrained, StoreUnavailable.
        """
        if replica is None:
            await self._board.drain_everything(drained)
        else:
            if drained:
                await self._check_known(replica)
            await self._board.drain_replica(replica, drained)
        return await self._board.drains()

    async def _check_known(self, replica: str) -> None:
        present = frozenset(presence.replica for presence in await self._board.present())
        if replica not in present:
            raise UnknownReplica(replica, present)
