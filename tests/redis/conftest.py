"""Adapters on a real Redis server that is empty when a test begins."""

from collections.abc import AsyncIterator

import pytest

from adapters.redis.endpoints import RedisEndpoints
from tests.redis.desk import Desk


@pytest.fixture
async def endpoints(redis_url: str) -> AsyncIterator[RedisEndpoints]:
    opened = RedisEndpoints.open(redis_url)
    try:
        yield opened
    finally:
        await opened.close()


@pytest.fixture
def desk(endpoints: RedisEndpoints) -> Desk:
    return Desk(endpoints)
