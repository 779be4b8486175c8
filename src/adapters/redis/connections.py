"""What must surround every use of a connection of redis-py's."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

from redis.asyncio import Redis
from redis.asyncio.client import Pipeline
from redis.exceptions import ConnectionError as RedisConnectionError

_UVLOOP_CLOSED = "the handler is closed"


@contextmanager
def in_use() -> Iterator[None]:
    """Let a cancellation and a broken connection be noticed within."""
    with cancellable(), breaks_told():
        yield


@asynccontextmanager
async def pipeline_of(client: Redis, *, transaction: bool = False) -> AsyncIterator[Pipeline]:
    """Return a pipeline, for commands that must go over one connection, one right after the other."""
    with in_use():
        async with client.pipeline(transaction=transaction) as pipeline:
            yield pipeline


@contextmanager
def cancellable() -> Iterator[None]:
    """Raise CancelledError at the end where the task was cancelled within, and nobody noticed.

    redis-py sends with ``asyncio.wait_for``, which in Python 3.11 swallows a cancellation that comes at the very moment
    when the command is sent: a loop over commands would then never end.
    """
    task = asyncio.current_task()
    assert task is not None
    before = task.cancelling()
    try:
        yield
    finally:
        if task.cancelling() > before:
            raise asyncio.CancelledError


@contextmanager
def breaks_told() -> Iterator[None]:
    """Raise redis-py's error for a broken connection where uvloop raises a RuntimeError.

    A connection may break between its making and its first command. What is then written to it asyncio's own transports
    drop, so that the break shows in the reading; uvloop's raise, and redis-py lets that pass.
    """
    try:
        yield
    except RuntimeError as error:
        if _UVLOOP_CLOSED not in str(error):
            raise
        raise RedisConnectionError(f"the connection broke before the command was sent: {error}") from error
