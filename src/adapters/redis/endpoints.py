"""The two Redis endpoints, and how every adapter here talks to them."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.resources import files
from typing import cast

from redis.asyncio import BlockingConnectionPool, ConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import ExponentialWithJitterBackoff, NoBackoff
from redis.commands.core import AsyncScript
from redis.exceptions import BusyLoadingError, ReadOnlyError, RedisError
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeoutError

from domain.ports import StoreUnavailable


@dataclass(frozen=True, slots=True)
class RedisEndpoints:
    """Clients of the write endpoint, which every decision reads, and of the read endpoint, which may lag."""

    write: Redis
    read: Redis
    write_url: str

    @classmethod
    def open(
        cls, write_url: str, read_url: str | None = None, *, timeout_s: float = 2.0, most_connections: int = 32
    ) -> RedisEndpoints:
        """Make clients; nothing is connected before the first command.

        Commands are tried three times more, with backoff and jitter, when a connection breaks or Redis is not ready;
        what changes state is compared first, so a repeated command does nothing twice. Raises ValueError for a bad URL.
        """
        write = _client(write_url, timeout_s, most_connections)
        if read_url is None or read_url == write_url:
            return cls(write, write, write_url)
        return cls(write, _client(read_url, timeout_s, most_connections), write_url)

    def watcher(self) -> Redis:
        """Return a client of one connection to the write endpoint that never reconnects by itself.

        It speaks RESP2, in which invalidations come as messages; RESP3 would push them past the subscriber.
        """
        pool = ConnectionPool.from_url(
            self.write_url,
            max_connections=1,
            protocol=2,
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
        looks = (_silence("write", self.write, within_s), _silence("read", self.read, within_s))
        return tuple(filter(None, await asyncio.gather(*looks)))


async def _silence(name: str, client: Redis, within_s: float) -> str:
    """Return why an endpoint is no good; the empty text when it is."""
    try:
        async with asyncio.timeout(within_s):
            with translated_errors():
                await client.ping()
    except TimeoutError:
        return f"the Redis {name} endpoint does not answer within {within_s:g} s"
    except StoreUnavailable as error:
        return f"the Redis {name} endpoint does not answer: {error}"
    return ""


def _client(url: str, timeout_s: float, most_connections: int) -> Redis:
    pool = BlockingConnectionPool.from_url(
        url,
        max_connections=most_connections,
        timeout=timeout_s,
        socket_timeout=timeout_s,
        socket_connect_timeout=timeout_s,
        health_check_interval=15,
        retry=Retry(ExponentialWithJitterBackoff(base=0.02, cap=0.5), 3),
        retry_on_error=[RedisConnectionError, RedisTimeoutError, BusyLoadingError, ReadOnlyError],
        client_name="dms-scheduler",
    )
    return Redis.from_pool(pool)


@contextmanager
def translated_errors() -> Iterator[None]:
    """Turn whatever Redis or the network raise into :class:`StoreUnavailable`."""
    try:
        yield
    except (RedisError, OSError, TimeoutError) as error:
        raise StoreUnavailable(f"Redis: {type(error).__name__}: {error}") from error


async def read_many(client: Redis, names: Sequence[str | bytes]) -> list[bytes | None]:
    """Return the values of several keys. Our clients decode nothing, so values are bytes."""
    return cast(list[bytes | None], await client.mget(names))


def as_text(value: bytes | str | float) -> str:
    """Return a member or field name that we wrote, as text."""
    return value.decode() if isinstance(value, bytes) else str(value)


def load_script(client: Redis, name: str, *, with_queue: bool = False) -> AsyncScript:
    """Return a script of this package, with the queue's shared functions in front where it uses them."""
    folder = files("adapters.redis") / "scripts"
    parts = ["queue.lua", f"{name}.lua"] if with_queue else [f"{name}.lua"]
    return client.register_script("\n".join((folder / part).read_text("utf-8") for part in parts))
