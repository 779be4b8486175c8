"""Noticing others' writes: client-side caching in broadcasting mode, proved by a beat (design §1).

Two connections work together: a subscriber, and a tracker that asked the server to tell the subscriber of every change
under ``task:``. If the tracker dies the subscriber stays healthy and silent, and behind a proxy the two may end on
different servers. So a key under a second prefix is written through the write endpoint every half second, as everybody
else's changes are, and must come back.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
import time
from collections.abc import AsyncGenerator, AsyncIterator, Iterable, Iterator, Sequence
from contextlib import AsyncExitStack, aclosing, suppress
from math import inf
from typing import cast

from redis.asyncio import Redis
from redis.asyncio.client import PubSub
from redis.asyncio.connection import AbstractConnection
from redis.exceptions import RedisError

from adapters.redis import keys
from adapters.redis.connections import breaks_told, in_use
from adapters.redis.endpoints import RedisEndpoints
from adapters.redis.lua import load_script
from domain.ports import Notice, RecordsChanged, StoreReplaced, StoreUnavailable, WatchLost, WatchProved, WorkWaits

log = logging.getLogger(__name__)

INVALIDATIONS = "__redis__:invalidate"
_EVENTS = keys.EVENTS.encode()

BEAT_S = 0.5
PATIENCE_S = 2.0
"""Without a beat for so long the path counts as broken."""
REST_S = 0.02
"""After each look at what has come. A task has ten messages, which would wake this process ten times."""
PAUSE_S = 0.5
"""Before a broken path is built anew."""


class WatchBroken(Exception):
    """Changes no longer come to us."""


class RedisRecordWatch:
    """Implements :class:`domain.ports.RecordWatch`."""

    def __init__(self, endpoints: RedisEndpoints) -> None:
        self._endpoints = endpoints
        self._write_beat = load_script(endpoints.write, "beat")
        self._beat_key = keys.beat_key(secrets.token_hex(8)).encode()
        self._replacements_told = 0

    async def notices(self) -> AsyncIterator[Notice]:
        while True:
            try:
                async with aclosing(self._watch()) as watch:
                    async for notice in watch:
                        yield notice
            except (RedisError, OSError, TimeoutError, WatchBroken) as error:
                log.warning("the watch on records broke", extra={"reason": f"{type(error).__name__}: {error}"})
            yield WatchLost()
            for replaced in self._replacement():
                yield replaced
            await asyncio.sleep(PAUSE_S)

    async def _watch(self) -> AsyncGenerator[Notice, None]:
        async with AsyncExitStack() as stack:
            subscriber, tracker = self._endpoints.watcher(), self._endpoints.watcher()
            stack.push_async_callback(subscriber.aclose)
            stack.push_async_callback(tracker.aclose)
            with in_use():
                # The id is asked for on the client's only connection, which then becomes the subscriber's.
                client_id = await subscriber.client_id()
                pubsub = await stack.enter_async_context(subscriber.pubsub())
                await pubsub.subscribe(INVALIDATIONS, keys.EVENTS)
                await tracker.client_tracking_on(
                    clientid=client_id, bcast=True, prefix=[keys.RECORD_PREFIX, self._beat_key.decode()]
                )
            beating = asyncio.create_task(self._beat(tracker))
            stack.callback(beating.cancel)
            async with aclosing(self._read(pubsub)) as notices:
                async for notice in notices:
                    yield notice

    async def _read(self, pubsub: PubSub) -> AsyncGenerator[Notice, None]:
        # Only the time that is spent waiting for word counts: the caller may be busy between two of our messages.
        connection = cast(AbstractConnection, pubsub.connection)
        proved, silent_s = False, 0.0
        while True:
            began = time.monotonic()
            messages = await _hear(connection)
            silent_s += time.monotonic() - began
            await _rest(connection)
            # A beat is written only after its connection has asked which server it came to: this comes first.
            for replaced in self._replacement():
                yield replaced
            for notice in self._notices_in(messages):
                if not isinstance(notice, WatchProved):
                    yield notice
                    proved = proved and not isinstance(notice, WatchLost)
                    continue
                silent_s = 0.0
                if not proved:
                    proved = True
                    yield notice
            if silent_s > PATIENCE_S:
                raise WatchBroken("no beat came back")

    def _replacement(self) -> Iterator[StoreReplaced]:
        arrivals = self._endpoints.arrivals
        if arrivals.replacements != self._replacements_told:
            self._replacements_told = arrivals.replacements
            yield StoreReplaced(arrivals.window_left_s)

    def _notices_in(self, messages: Iterable[Sequence[object]]) -> Iterator[Notice]:
        changed: set[bytes] = set()
        for kind, channel, data in messages:
            if kind != b"message":
                continue  # the answer to a subscription
            if channel == _EVENTS:
                yield from _event(data)
            elif data is None:
                yield WatchLost()  # FLUSHALL: everything changed; the next beat has all tasks swept
            elif isinstance(data, list):
                if self._beat_key in data:
                    yield WatchProved()
                changed.update(data)
        # A quick task's record changes three times between two looks: each key is looked at once.
        ids = frozenset(filter(None, map(keys.task_of_record_key, changed)))
        if ids:
            yield RecordsChanged(ids)

    async def _beat(self, tracker: Redis) -> None:
        """Write beats for as long as the tracker lives: where no beat is written, the path is not proved."""
        while await self._is_alive(tracker):
            with suppress(StoreUnavailable):
                await self._endpoints.attempt(self._write_one)
            await asyncio.sleep(BEAT_S)

    async def _write_one(self) -> None:
        await self._write_beat(keys=[self._beat_key], args=[int(2 * PATIENCE_S * 1000)])

    async def _is_alive(self, tracker: Redis) -> bool:
        """Ask over the tracker, which would otherwise be silent for ever, and so be closed by a proxy on the way."""
        try:
            with in_use():
                return bool(await tracker.ping())
        except (RedisError, OSError, TimeoutError):
            return False  # and no second try: its new connection would track nothing


async def _hear(connection: AbstractConnection) -> Sequence[Sequence[object]]:
    """Return what has been said, as soon as anything is; nothing after a time of silence.

    Straight from the connection: this is the busiest path of all, and the way through redis-py's ``get_message`` costs
    several times as much.
    """
    messages: list[Sequence[object]] = []
    with suppress(TimeoutError):
        async with asyncio.timeout(BEAT_S):
            while not messages or await connection.can_read():
                messages.append(await connection.read_response(timeout=inf, disconnect_on_error=False))
    return messages


async def _rest(connection: AbstractConnection) -> None:
    """Take nothing for a moment, so that what comes meanwhile is taken together."""
    writer = connection._writer  # there is no public way to its transport
    assert writer is not None
    transport = cast(asyncio.ReadTransport, writer.transport)
    with breaks_told():
        transport.pause_reading()
        await asyncio.sleep(REST_S)
        transport.resume_reading()


def _event(data: object) -> Iterator[Notice]:
    if data == b"work":
        yield WorkWaits()
    elif isinstance(data, bytes) and data.startswith(b"task "):
        task_id = keys.task_of_record_key(keys.RECORD_PREFIX.encode() + data.removeprefix(b"task "))
        if task_id is not None:
            yield RecordsChanged(frozenset({task_id}))
