"""Which server the write endpoint leads to: every new connection asks, before it serves anything (design §5).

A server that is not the one that its own data names has taken over with what it had got by then, or has started again
with what it had saved. ``scripts/arrive.lua`` then begins a recovery window.
"""

from __future__ import annotations

import hashlib
import logging
import time
from typing import cast

from redis.asyncio.connection import AbstractConnection
from redis.exceptions import NoScriptError

from adapters.redis import keys
from adapters.redis.lua import script_text

log = logging.getLogger(__name__)


class Arrivals:
    """What this process knows of that server, and of its recovery window."""

    def __init__(self, recovery_s: float | None) -> None:
        """``recovery_s`` is how long a window must last; None where this is no scheduler, which knows no leases."""
        self._recovery_ms = "" if recovery_s is None else int(recovery_s * 1000)
        self._text = script_text("arrive", with_queue=True)
        self._sha = hashlib.sha1(self._text.encode(), usedforsecurity=False).hexdigest()
        self._server = ""
        self._number = 0
        """Goes up with every replacement; 0 while no server was met."""
        self._window_ends = 0.0
        self.replacements = 0
        """How often the server was found to be another one than before, or in a recovery window at our first visit."""

    @property
    def window_left_s(self) -> float:
        """How long the recovery window may still last; 0 outside of one. Never less than by the server's clock."""
        return max(0.0, self._window_ends - time.monotonic())

    @property
    def is_recovering(self) -> bool:
        """Whether what was just read may lack what was written before."""
        return time.monotonic() < self._window_ends

    async def arrive(self, connection: AbstractConnection) -> None:
        """Make a new connection ready, as redis-py does by itself, and ask which server it has come to."""
        try:
            # The greeting shows that the connection is healthy: no PING besides.
            await connection.on_connect_check_health(check_health=False)
            server, number, left_ms = await self._ask(connection)
        except BaseException:
            # Whoever uses it next must not find a connection that never asked.
            await connection.disconnect(nowait=True)
            raise
        self._learn(server.decode(), number, left_ms / 1000)

    async def _ask(self, connection: AbstractConnection) -> tuple[bytes, int, int]:
        args = ("0", keys.PREFIX, self._recovery_ms, self._server, self._number)
        try:
            return await _answer(connection, "EVALSHA", self._sha, *args)
        except NoScriptError:
            return await _answer(connection, "EVAL", self._text, *args)

    def _learn(self, server: str, number: int, left_s: float) -> None:
        if number < self._number:
            return  # an answer from before another connection's arrival, or from a server that was left since
        if (server, number) != (self._server, self._number) and (self._number or left_s):
            self.replacements += 1
            log.warning("the store was replaced", extra={"server": server, "window_s": left_s})
        self._server, self._number = server, number
        self._window_ends = time.monotonic() + left_s


async def _answer(connection: AbstractConnection, *command: str | int) -> tuple[bytes, int, int]:
    await connection.send_command(*command, check_health=False)
    return cast(tuple[bytes, int, int], await connection.read_response())
