"""Being known as a replica, and hearing when to claim nothing more."""

from __future__ import annotations

import logging

from application.dispatcher import Dispatcher
from application.ports import ReplicaBoard
from application.settings import SchedulerConfig
from application.surviving import survived
from domain.drain import Presence
from domain.ports import Clock

log = logging.getLogger(__name__)

ANNOUNCED_EVERY_S = 1.0
"""So long a drain may take to reach a replica, beside the way."""

ANNOUNCED_FOR_S = 5.0
"""A process that is silent for so long is shown no more."""


class KeepPresence:
    """Announce this process again and again, and hold its claims back while the answer is that it is drained.

    While the store is away what was heard last holds; nothing can be claimed then anyway.
    """

    def __init__(self, board: ReplicaBoard, dispatcher: Dispatcher, clock: Clock, config: SchedulerConfig) -> None:
        self._board = board
        self._dispatcher = dispatcher
        self._clock = clock
        self._config = config

    async def run(self) -> None:
        """Announce until cancelled."""
        while True:
            await self._clock.sleep(ANNOUNCED_EVERY_S)
            with survived("announce this replica"):
                await self()

    async def __call__(self) -> None:
        """Announce once, and do as the answer says. Raises StoreUnavailable."""
        drained = await self._board.announce(self._presence(), ANNOUNCED_FOR_S)
        if drained is self._dispatcher.is_drained:
            return
        self._dispatcher.set_drained(drained)
        told = "drained: nothing more is claimed" if drained else "no longer drained: claiming again"
        log.warning(told, extra={"replica": self._config.replica, "at_work": len(self._dispatcher.attempts)})
        await self._board.announce(self._presence(), ANNOUNCED_FOR_S)

    async def leave(self) -> None:
        """Be known no more. Raises StoreUnavailable."""
        await self._board.withdraw(self._config.owner)

    def _presence(self) -> Presence:
        config, dispatcher = self._config, self._dispatcher
        return Presence(
            config.owner, config.replica, config.slots, len(dispatcher.attempts), draining=dispatcher.is_drained
        )
