"""The two Redis endpoints, and how every adapter here talks to them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial

from redis.asyncio import BlockingConnectionPool, ConnectionPool, Redis
from redis.asyncio.connection import AsyncConnectCallbackProtocol
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import MasterDownError, ReadOnlyError
from redis.exceptions import TimeoutError as RedisTimeoutError
from redis.maint_notifications import MaintNotificationsConfig

from adapters.redis.arrivals import Arrivals
from adapters.redis.attempts import Attempts
from adapters.redis.autopipeline import AutoPipelinedRedis
from adapters.redis.meter import UNMETERED, RedisMeter
from domain.ports import StoreUnavailable

WRITE_SETTING = "DMS_REDIS_WRITE_URL"
READ_SETTING = "DMS_REDIS_READ_URL"

MOST_TIMEOUTS = 2.5
"""No operation takes longer than so many timeouts, whatever breaks."""


@dataclass(frozen=True, slots=True)
class RedisEndpoints:
    """Clients of the write endpoint, which every decision reads, and of the read endpoint, which may lag.

    Adapters call them only inside of ``attempt`` and ``attempt_read``, which raise StoreUnavailable.
    """

    write: AutoPipelinedRedis
    read: AutoPipelinedRedis
    write_url: str
    attempt: Attempts
    """Tries an operation on the write endpoint."""
    attempt_read: Attempts
    """Tries an operation on the read endpoint."""
    arrivals: Arrivals
    """What is known of the server behind the write endpoint."""
    timeout_s: float = 2.0
    """Bounds every wait for Redis."""
    min_replicas_ack: int = 0
    """So many replicas must have what admits a task before it counts as accepted."""

    @classmethod
    def open(
        cls,
        write_url: str,
        read_url: str | None = None,
        *,
        timeout_s: float = 2.0,
        most_connections: int = 32,
        recovery_s: float | None = None,
        min_replicas_ack: int = 0,
        meter: RedisMeter = UNMETERED,
    ) -> RedisEndpoints:
        """Make clients; nothing is connected before the first command.

        ``timeout_s`` bounds every wait for Redis or for a free connection. ``recovery_s`` is how long a recovery window
        lasts: schedulers say it, and whoever says nothing goes by them. Raises ValueError for a bad URL.
        """
        arrivals = Arrivals(recovery_s)
        write = _client(write_url, timeout_s, most_connections, partial(meter.exchanged, "write"), arrivals.arrive)
        shared = read_url is None or read_url == write_url
        on_read = partial(meter.exchanged, "read")
        return cls(
            write,
            write if shared or read_url is None else _client(read_url, timeout_s, most_connections, on_read),
            write_url,
            Attempts(WRITE_SETTING, MOST_TIMEOUTS * timeout_s, meter, "write"),
            Attempts(READ_SETTING, MOST_TIMEOUTS * timeout_s, meter, "read"),
            arrivals,
            timeout_s,
            min_replicas_ack,
        )

    def watcher(self) -> Redis:
        """Return a client of one connection to the write endpoint that never reconnects by itself.

        It speaks RESP2, in which invalidations come as messages; RESP3 would push them past the subscriber.
        """
        pool = ConnectionPool.from_url(
            self.write_url,
            max_connections=1,
            protocol=2,
            socket_timeout=self.timeout_s,
            socket_connect_timeout=self.timeout_s,
            retry=Retry(NoBackoff(), 0),
            client_name="dms-scheduler-watch",
        )
        return Redis.from_pool(pool)

    async def close(self) -> None:
        """Close all connections."""
        await self.write.aclose()
        if self.read is not self.write:
            await self.read.aclose()

    async def unreachable(self, within_s: float = 2.0) -> tuple[str, ...]:
        """Return which endpoints do not answer within ``within_s`` seconds, in words for the readiness probe."""
        looks = (
            _silence("write", self.write, self.attempt, within_s),
            _silence("read", self.read, self.attempt_read, within_s),
        )
        return tuple(filter(None, await asyncio.gather(*looks)))


async def _silence(name: str, client: Redis, attempt: Attempts, within_s: float) -> str:
    """Return why an endpoint is no good; the empty text when it is."""
    try:
        await attempt(client.ping, within_s)
    except StoreUnavailable as error:
        return f"the Redis {name} endpoint does not answer: {error}"
    return ""


def _client(
    url: str,
    timeout_s: float,
    most_connections: int,
    on_exchange: Callable[[float], None],
    on_connect: AsyncConnectCallbackProtocol | None = None,
) -> AutoPipelinedRedis:
    pool = BlockingConnectionPool.from_url(
        url,
        max_connections=most_connections,
        timeout=timeout_s / 2,  # for a free connection: before the batch's time is over, so that this is what is told
        socket_timeout=None,  # AutoPipelinedRedis bounds each batch, and Attempts everything
        socket_connect_timeout=timeout_s,
        health_check_interval=15,
        # A connection tries nothing again (Attempts does), but where it serves a pipeline it is closed after these. The
        # server behind it takes no writes: a new connection may find the one that does.
        retry=Retry(NoBackoff(), 0, (RedisConnectionError, RedisTimeoutError, ReadOnlyError, MasterDownError)),
        # With these, which only a managed Redis sends, the pool would hand out connections that the server has closed.
        maint_notifications_config=MaintNotificationsConfig(enabled=False),
        client_name="dms-scheduler",
        redis_connect_func=on_connect,
    )
    return AutoPipelinedRedis(connection_pool=pool, timeout_s=timeout_s, on_exchange=on_exchange)


def read_many(client: AutoPipelinedRedis, names: Sequence[str | bytes]) -> Awaitable[list[bytes | None]]:
    """Return the values of several keys, at least one, as they are in Redis."""
    return client.ask("MGET", *names)


def as_text(value: bytes | str | float) -> str:
    """Return a member or field name that we wrote, as text."""
    return value.decode() if isinstance(value, bytes) else str(value)
