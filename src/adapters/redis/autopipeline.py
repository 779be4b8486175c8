"""Sending together what is asked of Redis together: the lever that makes the service cheap (docs/performance.md)."""

from __future__ import annotations

import asyncio
import copy
import time
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from math import inf
from typing import Any, cast

from hiredis import pack_command
from redis.asyncio import ConnectionPool, Redis
from redis.asyncio.connection import AbstractConnection
from redis.client import EMPTY_RESPONSE, NEVER_DECODE
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import MasterDownError, ReadOnlyError, ResponseError
from redis.exceptions import TimeoutError as RedisTimeoutError

from adapters.redis.connections import breaks_told

MOST_UNDER_WAY = 4
"""Batches at once. What is asked meanwhile waits, and goes together: the busier the service, the cheaper a command."""

MOST_TOGETHER = 64
"""Commands in one batch, so that none waits for the answers of very many others."""

CLOSED = "the client was closed"

Reply = Any
"""Whatever Redis answers: the caller's command determines its type."""

_TAKES_NO_WRITES = (ReadOnlyError, MasterDownError)
"""The server behind the connection takes none: a new connection may find the one that does."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A command that somebody waits for."""

    command: tuple[Any, ...]
    reply: asyncio.Future[Reply]


class AutoPipelinedRedis(Redis):
    """A client that sends the commands of one turn of the event loop in one write, and reads their replies together.

    Whoever asks gets the reply to its own command, or its own error. The commands of a batch are done in the order in
    which they were asked for; batches may overtake one another. A command whose caller was cancelled is not sent, or
    its reply is dropped: nobody else notices. When a connection breaks or stays silent for ``timeout_s``, every command
    of its batch fails, and may have been done.

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
        self._on_exchange = on_exchange
        self._most_under_way = min(MOST_UNDER_WAY, connection_pool.max_connections)
        self._asked: deque[Asked] = deque()
        self._idle: list[AbstractConnection] = []
        """Taken from the pool once, and kept: so a batch costs no search for a connection."""
        self._under_way: set[asyncio.Task[None]] = set()
        self._departs_soon = False
        self._is_closed = False

    async def execute_command(self, *args: Any, **options: Any) -> Reply:
        """Return the reply to a command, as redis-py's own clients do. Raises RedisError and OSError."""
        if EMPTY_RESPONSE in options or NEVER_DECODE in options:
            return await super().execute_command(*args, **options)  # type: ignore[no-untyped-call]
        if self._is_closed:
            raise RedisConnectionError(CLOSED)
        loop = asyncio.get_running_loop()
        reply = loop.create_future()
        self._asked.append(Asked(args, reply))
        self._depart_soon(loop)
        options.pop("keys", None)  # redis-py's own, for its cache
        callback = self.response_callbacks.get(args[0])
        return await reply if callback is None else callback(await reply, **options)

    async def aclose(self, close_connection_pool: bool | None = None) -> None:
        """Close all connections. What is under way fails, and so does what is asked for from now on."""
        self._is_closed = True
        _fail(self._asked, RedisConnectionError(CLOSED))
        self._asked.clear()
        while self._under_way:
            for flight in self._under_way:
                flight.cancel()
            await asyncio.wait(self._under_way)
        while self._idle:
            await self.connection_pool.release(self._idle.pop())
        await super().aclose(close_connection_pool)

    def _depart_soon(self, loop: asyncio.AbstractEventLoop) -> None:
        if not self._departs_soon and len(self._under_way) < self._most_under_way:
            self._departs_soon = True
            loop.call_soon(self._depart)

    def _depart(self) -> None:
        self._departs_soon = False
        loop = asyncio.get_running_loop()
        while self._asked and len(self._under_way) < self._most_under_way:
            batch = self._take()
            if batch:
                flight = loop.create_task(self._carry(batch))
                self._under_way.add(flight)
                flight.add_done_callback(self._landed)

    def _landed(self, flight: asyncio.Task[None]) -> None:
        self._under_way.discard(flight)
        if self._asked:
            self._depart_soon(flight.get_loop())

    def _take(self) -> list[Asked]:
        batch: list[Asked] = []
        while self._asked and len(batch) < MOST_TOGETHER:
            asked = self._asked.popleft()
            if not asked.reply.done():  # nobody waits for it any more
                batch.append(asked)
        return batch

    async def _carry(self, batch: Sequence[Asked]) -> None:
        try:
            connection = self._idle.pop() if self._idle else await self._one_more()
            try:
                await self._exchange(connection, batch)
            finally:
                self._idle.append(connection)
        except BaseException as error:
            _fail(batch, error if isinstance(error, Exception) else RedisConnectionError(CLOSED))
            if not isinstance(error, Exception):
                raise

    async def _one_more(self) -> AbstractConnection:
        connection = await self.connection_pool.get_connection()  # type: ignore[no-untyped-call]
        return cast(AbstractConnection, connection)

    async def _exchange(self, connection: AbstractConnection, batch: Sequence[Asked]) -> None:
        packed = [_packed(asked.command) for asked in batch]
        takes_writes, begun = True, time.perf_counter()
        try:
            async with asyncio.timeout(self._timeout_s):
                # What the next line does too, at several times the cost, where the connection is as it should be.
                if not connection.is_connected or await connection.can_read():
                    await self.connection_pool.ensure_connection(connection)
                with breaks_told():
                    await connection.send_packed_command(packed)
                for asked in batch:
                    takes_writes &= await _read_reply(connection, asked.reply)
        except TimeoutError:
            raise RedisTimeoutError(f"no answer within {self._timeout_s:g} s") from None
        self._on_exchange(time.perf_counter() - begun)
        if not takes_writes:
            await connection.disconnect(nowait=True)


async def _read_reply(connection: AbstractConnection, reply: asyncio.Future[Reply]) -> bool:
    """Pass on the next reply, and return whether the server behind the connection is any good."""
    try:
        told = await connection.read_response(timeout=inf)
    except ResponseError as error:
        if not reply.done():
            reply.set_exception(error)
        return not isinstance(error, _TAKES_NO_WRITES)
    if not reply.done():
        reply.set_result(told)
    return True


def _fail(batch: Iterable[Asked], error: Exception) -> None:
    for asked in batch:
        if not asked.reply.done():
            # A copy, for whoever raises an exception writes into it.
            asked.reply.set_exception(copy.copy(error))


def _packed(command: tuple[Any, ...]) -> bytes:
    name: str = command[0]
    if " " in name:  # redis-py names some commands with their subcommand, which is an argument of its own on the wire
        command = (*name.split(), *command[1:])
    return cast(bytes, pack_command(command))
