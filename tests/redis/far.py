"""A desk behind a proxy that loses what it is told to lose."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from adapters.redis.endpoints import RedisEndpoints
from adapters.redis.lua import load_script
from tests.redis.desk import Desk
from tests.support.lossy_proxy import LossyProxy


@asynccontextmanager
async def far_desk(proxy: LossyProxy, *, timeout_s: float = 2.0) -> AsyncIterator[Desk]:
    """Open it; its connections are closed with the block."""
    endpoints = RedisEndpoints.open(proxy.url, timeout_s=timeout_s)
    try:
        yield Desk(endpoints)
    finally:
        await endpoints.close()


def sha_of(desk: Desk, name: str, *, refused_when_full: bool = False) -> bytes:
    """By what a request that runs this script is known."""
    script = load_script(desk.redis, name, with_queue=True, refused_when_full=refused_when_full)
    return script.sha.encode()


def commits(desk: Desk) -> tuple[bytes, bytes]:
    """By what a commit is known, whether it admits a task or not."""
    return sha_of(desk, "commit"), sha_of(desk, "commit", refused_when_full=True)
