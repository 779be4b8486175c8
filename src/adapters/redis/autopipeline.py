"""Sending together what is asked of Redis together: the lever that makes the service cheap (docs/performance.md)."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any

from hiredis import pack_command
from redis.asyncio import ConnectionPool, Redis
from redis.asyncio.connection import AbstractConnection
from redis.client import EMPTY_RESPONSE, NEVER_DECODE
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeoutError

from adapters.redis.wire import Asked, Reply, Wire, fail_all
from application.ending import end_all

MOST_UNDER_WAY = 4
"""Batches at once. What is asked meanwhile waits, and goes together: the busier the service, the cheaper a command."""

MOST_TOGETHER = 64
"""Commands in one batch, so that none waits for the answers of very many others."""

MOST_TIMEOUTS_UNSENT = 1.5
"""A command that could not be sent for so many timeouts fails. So none takes longer than one timeout more than that."""

CLOSED = "the client was closed"


class AutoPipelinedRedis(Redis):
    """A client that sends the commands of one turn of the event loop in one write, and reads their replies together.

    Whoever asks gets the reply to its own command, or its own error. The commands of a batch are done in the order in
    which they were asked for; batches may overtake one another. A command whose caller was cancelled is not sent, or
    its reply is dropped: nobody else notices. When a connection breaks or stays silent for ``timeout_s``, every command
    of its batch fails, and may have been done. What waits behind such batches for too long fails without being sent.

    Not for commands that make Redis wait (``BLPOP``, ``WAIT``): they would hold up the others. Pipelines, transactions
    and subscriptions work as ever, each on a connection of its own.
    """

    def __init__(
        self, *, connection_pool: ConnectionPool, timeout_s: float, on_exchange: Callable[[float], None]
    ) -> None:
        """``on_exchange`` is told how many seconds each batch took that was answered.

        ``timeout_s`` bounds connecting, sending and reading together. The pool's connections need no timeout for it.
        They had better have none: redis-py then sends without ``asyncio.wait_for``, which costs more than the sending,
        and in Python 3.11 may lose a cancellation.
        """
        super().__init__(connection_pool=connection_pool)
        self.auto_close_connection_pool = True
        self._timeout_s = timeout_s
        self._most_unsent_s = MOST_TIMEOUTS_UNSENT * timeout_s
        self._on_exchange = on_exchange
        self._most_under_way = min(MOST_UNDER_WAY, connection_pool.max_connections)
        self._asked: deque[Asked] = deque()
        self._wires: list[Wire] = []
        """All that there are. Their connections are taken from the pool once, and kept: so a batch costs no search."""
        self._idle: list[Wire] = []
        """Those that carry nothing; the one that did so last is the first to be taken."""
        self._connecting: set[asyncio.Task[None]] = set()
        self._under_way = 0
        """Batches, those that wait for their connection too."""
        self._departs_soon = False
        self._is_closed = False

    async def execute_command(self, *args: Any, **options: Any) -> Reply:
        """Return the reply to a command, as redis-py's own clients do. Raises RedisError and OSError."""
        if EMPTY_RESPONSE in options or NEVER_DECODE in options:
            return await super().execute_command(*args, **options)  # type: ignore[no-untyped-call]
        name: str = args[0]
        # redis-py names some commands with their subcommand, which is an argument of its own on the wire.
        reply = await self.ask(*name.split(), *args[1:])
        options.pop("keys", None)  # redis-py's own, for its cache
        callback = self.response_callbacks.get(name)
        return reply if callback is None else callback(reply, **options)

    def ask(self, *command: str | bytes | int) -> asyncio.Future[Reply]:
        """Return a future of the reply to a command, just as Redis gives it; raises RedisError when it is awaited.

        It goes past what redis-py does for each command, which costs as much again: for those that every task needs.
        Raises RedisConnectionError at once when the client is closed.
        """
        if self._is_closed:
            raise RedisConnectionError(CLOSED)
        loop = asyncio.get_running_loop()
        reply = loop.create_future()
        packed = pack_command(command)  # type: ignore[arg-type]  # hiredis says that a command has one part
        self._asked.append(Asked(packed, reply, loop.time()))
        if not self._departs_soon:
            self._depart_soon(loop)
        return reply

    async def aclose(self, close_connection_pool: bool | None = None) -> None:
        """Close all connections. What is under way fails, and so does what is asked for from now on."""
        self._is_closed = True
        fail_all(self._asked, RedisConnectionError(CLOSED))
        self._asked.clear()
        await end_all(self._connecting)
        for wire in self._wires:
            wire.fail(RedisConnectionError(CLOSED))
            await self.connection_pool.release(wire.connection)
        self._wires.clear()
        self._idle.clear()
        await super().aclose(close_connection_pool)

    def _depart_soon(self, loop: asyncio.AbstractEventLoop) -> None:
        if not self._departs_soon and self._under_way < self._most_under_way:
            self._departs_soon = True
            loop.call_soon(self._depart)

    def _depart(self) -> None:
        self._departs_soon = False
        loop = asyncio.get_running_loop()
        now = loop.time()
        while self._asked and self._under_way < self._most_under_way:
            batch = self._take(now - self._most_unsent_s)
            if not batch:
                continue
            self._under_way += 1
            wire = self._idle.pop() if self._idle else None
            if wire is not None and wire.is_fit(now):
                wire.carry(batch, now + self._timeout_s)
            else:
                connecting = loop.create_task(self._connect_for(batch, wire, now + self._timeout_s))
                self._connecting.add(connecting)
                connecting.add_done_callback(self._connecting.discard)

    def _landed(self, wire: Wire, took_s: float | None) -> None:
        self._under_way -= 1
        self._idle.append(wire)
        if took_s is not None:
            self._on_exchange(took_s)
        if self._asked:
            self._depart_soon(asyncio.get_running_loop())

    def _take(self, asked_since: float) -> list[Asked]:
        batch: list[Asked] = []
        while self._asked and len(batch) < MOST_TOGETHER:
            asked = self._asked.popleft()
            if asked.reply.done():
                continue  # nobody waits for it any more
            if asked.at < asked_since:
                asked.reply.set_exception(RedisTimeoutError(f"not sent within {self._most_unsent_s:g} s"))
            else:
                batch.append(asked)
        return batch

    async def _connect_for(self, batch: Sequence[Asked], worn_out: Wire | None, until: float) -> None:
        """Carry the batch over a new connection, in place of one that is no longer fit where there is one."""
        try:
            async with asyncio.timeout_at(until):
                wire = await self._one_more() if worn_out is None else await self._made_anew(worn_out)
        except BaseException as error:
            self._under_way -= 1
            if worn_out is not None:
                self._idle.append(worn_out)
            fail_all(batch, _as_told(error))
            if not isinstance(error, Exception):
                raise
            if self._asked:
                self._depart_soon(asyncio.get_running_loop())
        else:
            wire.carry(batch, until)

    async def _one_more(self) -> Wire:
        connection: AbstractConnection = await self.connection_pool.get_connection()  # type: ignore[no-untyped-call]
        wire = Wire(connection, self._landed)
        self._wires.append(wire)
        return wire

    async def _made_anew(self, worn_out: Wire) -> Wire:
        connection = worn_out.connection
        await connection.disconnect(nowait=True)
        await self.connection_pool.ensure_connection(connection)
        wire = Wire(connection, self._landed)
        self._wires[self._wires.index(worn_out)] = wire
        return wire


def _as_told(error: BaseException) -> Exception:
    """Return what those who wait for a connection are told."""
    if isinstance(error, TimeoutError):
        return RedisTimeoutError("no connection in time")
    return error if isinstance(error, Exception) else RedisConnectionError(CLOSED)
