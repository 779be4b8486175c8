"""What a connection in use hides: a break, under uvloop, and a cancellation, under Python 3.11."""

from __future__ import annotations

import asyncio
import contextlib

import pytest
import uvloop
from redis.exceptions import ConnectionError as RedisConnectionError

from adapters.redis.attempts import Attempts
from adapters.redis.connections import in_use
from domain.ports import StoreUnavailable
from tests.support.redis_server import RedisServer


async def write_to_what_is_closed(port: int) -> None:
    _, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.transport.abort()
    await asyncio.sleep(0)  # the transport hears of it
    with in_use():
        writer.writelines([b"PING\r\n"])
        await writer.drain()


def test_its_error_is_that_the_store_is_away(redis_server: RedisServer) -> None:
    async def write() -> None:
        await Attempts("DMS_REDIS_WRITE_URL", 5.0)(lambda: write_to_what_is_closed(redis_server.port))

    with pytest.raises(StoreUnavailable, match="cannot be reached"):
        uvloop.run(write())


async def test_another_error_of_that_class_is_a_bug_and_comes_out() -> None:
    with pytest.raises(RuntimeError, match="a bug"), in_use():
        raise RuntimeError("a bug")


@pytest.mark.parametrize("fails", [False, True])
async def test_a_cancellation_that_was_swallowed_on_the_way_holds(fails: bool) -> None:
    """As `asyncio.wait_for` of Python 3.11 does, with which redis-py sends."""
    begun = asyncio.Event()

    async def swallows() -> None:
        with in_use():
            begun.set()
            with contextlib.suppress(asyncio.CancelledError):
                await asyncio.Event().wait()
            if fails:
                raise RedisConnectionError("it broke then, too")

    call = asyncio.create_task(swallows())
    await begun.wait()
    call.cancel()
    await asyncio.wait([call])
    assert call.cancelled()
