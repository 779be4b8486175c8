"""A connection of redis-py's that takes many commands at once, and passes each reply on as it comes.

redis-py makes the connection: address, TLS, authentication, database, name, and which server it has come to. From then
on its bytes come here. Through redis-py's own way for them, a task for each batch and a chain of coroutines for each
reply, a command that comes alone takes four times as much processor time.
"""

from __future__ import annotations

import asyncio
import copy
import time
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from typing import Any, cast

import msgspec
from hiredis import PushNotification, Reader
from redis._parsers.base import BaseParser
from redis.asyncio.connection import AbstractConnection
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import InvalidResponse, MasterDownError, ReadOnlyError, RedisError, ResponseError
from redis.exceptions import TimeoutError as RedisTimeoutError

TRUSTED_S = 15.0
"""A connection that was not used for so long may have been dropped on its way without a word: it is made anew."""

BROKEN = "the connection was closed"

Reply = Any
"""Whatever Redis answers: the caller's command determines its type."""

_TAKES_NO_WRITES = (ReadOnlyError, MasterDownError)
"""The server behind the connection takes none: a new connection may find the one that does."""

_NOT_YET = object()


class Asked(msgspec.Struct):
    """A command that somebody waits for."""

    packed: bytes
    reply: asyncio.Future[Reply]
    at: float
    """When it was asked for, an instant of the event loop's clock."""


class Wire(asyncio.Protocol):
    """Carries one batch at a time. Whatever breaks fails what is left of the batch, which may have been done."""

    def __init__(self, connection: AbstractConnection, landed: Callable[[Wire, float | None], None]) -> None:
        """Take the bytes of a connection that redis-py has just made.

        ``landed`` is told when a batch is over, and how many seconds it took, None where it failed.
        """
        self.connection = connection
        self._landed = landed
        self._awaited: deque[Asked] = deque()
        self._until = 0.0
        """When the batch must be answered, an instant of the event loop's clock."""
        self._is_timed = False
        """Whether a timer runs. It outlasts many batches, nearly all of which are over long before their time."""
        self._begun = 0.0
        self._used_at = asyncio.get_running_loop().time()
        self._reader = Reader(protocolError=InvalidResponse, replyError=BaseParser.parse_error, notEnoughData=_NOT_YET)
        writer = connection._writer  # there is no public way to its transport
        assert writer is not None, "redis-py has not made this connection"
        self._transport = cast(asyncio.Transport, writer.transport)
        self._replaced = self._transport.get_protocol()
        self._transport.set_protocol(self)

    def is_fit(self, now: float) -> bool:
        """Whether a batch may be given to it, at this instant of the event loop's clock."""
        return not self._transport.is_closing() and now - self._used_at < TRUSTED_S

    def carry(self, batch: Sequence[Asked], until: float) -> None:
        """Send these commands, and pass their replies on. What is not answered by then, fails."""
        self._awaited.extend(batch)
        self._begun = time.perf_counter()
        self._until = until
        try:
            self._transport.write(b"".join([asked.packed for asked in batch]))
        except RuntimeError as error:  # uvloop's word for a connection that broke a moment ago
            self.fail(RedisConnectionError(f"{BROKEN}: {error}"))
        if not self._is_timed:
            self._mind_the_time()

    def fail(self, error: Exception) -> None:
        """Close the connection, and let those who wait for a reply have the error."""
        self._transport.abort()
        if self._awaited:
            fail_all(self._awaited, error)
            self._awaited.clear()
            self._end(None)

    def data_received(self, data: bytes) -> None:
        """Bytes have come."""
        if not self._awaited:
            self.fail(RedisConnectionError("Redis said something that nobody had asked for"))
            return
        self._reader.feed(data)
        try:
            takes_writes = self._pass_on()
        except RedisError as error:
            self.fail(error)
            return
        if not self._awaited:
            if not takes_writes:
                self._transport.close()
            self._end(time.perf_counter() - self._begun)

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection is gone. Whoever waits for that through redis-py is told too."""
        self._replaced.connection_lost(exc)
        self.fail(RedisConnectionError(f"{BROKEN} by the server" if exc is None else f"{BROKEN}: {exc}"))

    def _pass_on(self) -> bool:
        """Give each its reply, as far as they have come, and return whether the server is any good.

        Raises RedisError: the connection is of no use.
        """
        takes_writes = True
        while self._awaited and (told := self._reader.gets()) is not _NOT_YET:
            if isinstance(told, PushNotification):
                continue
            if isinstance(told, Exception) and not isinstance(told, ResponseError):
                raise told
            reply = self._awaited.popleft().reply
            takes_writes &= not isinstance(told, _TAKES_NO_WRITES)
            if reply.done():
                continue
            if isinstance(told, ResponseError):
                reply.set_exception(told)
            else:
                reply.set_result(told)
        return takes_writes

    def _mind_the_time(self) -> None:
        loop = asyncio.get_running_loop()
        self._is_timed = bool(self._awaited) and loop.time() < self._until
        if self._is_timed:
            loop.call_at(self._until, self._mind_the_time)
        elif self._awaited:
            self.fail(RedisTimeoutError("no answer in time"))

    def _end(self, took_s: float | None) -> None:
        self._used_at = asyncio.get_running_loop().time()
        self._landed(self, took_s)


def fail_all(batch: Iterable[Asked], error: Exception) -> None:
    """Let all who still wait have the error: each a copy, for whoever raises an exception writes into it."""
    for asked in batch:
        if not asked.reply.done():
            asked.reply.set_exception(copy.copy(error))
