"""A connection that broke before it was used: uvloop, under which the service runs, has an error of its own for it."""

from __future__ import annotations

import asyncio

import pytest
import uvloop

from adapters.redis.attempts import Attempts
from domain.ports import StoreUnavailable
from tests.support.redis_server import RedisServer


async def write_to_what_is_closed(port: int) -> None:
    _, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.transport.abort()
    await asyncio.sleep(0)  # the transport hears of it
    writer.writelines([b"PING\r\n"])
    await writer.drain()


def test_its_error_is_that_the_store_is_away(redis_server: RedisServer) -> None:
    async def write() -> None:
        await Attempts("DMS_REDIS_WRITE_URL", 5.0)(lambda: write_to_what_is_closed(redis_server.port))

    with pytest.raises(StoreUnavailable, match="cannot be reached"):
        uvloop.run(write())


async def test_another_error_of_that_class_is_a_bug_and_comes_out() -> None:
    async def breaks() -> None:
        raise RuntimeError("a bug")

    with pytest.raises(RuntimeError, match="a bug"):
        await Attempts("DMS_REDIS_WRITE_URL", 5.0)(breaks)
