"""Every test of the suite runs against every store."""

from collections.abc import AsyncIterator
from functools import partial

import pytest

from tests.stores.harness import OpenStore, StoreHarness
from tests.stores.memory_harness import open_memory_store
from tests.stores.redis_harness import open_redis_store
from tests.stores.story import Story


@pytest.fixture(params=["memory", "redis"])
def open_store(request: pytest.FixtureRequest) -> OpenStore:
    """Opens an empty store of the kind that is tested."""
    if request.param == "memory":
        return open_memory_store
    return partial(open_redis_store, request.getfixturevalue("redis_server"))


@pytest.fixture
async def store(open_store: OpenStore) -> AsyncIterator[StoreHarness]:
    async with open_store() as harness:
        yield harness


@pytest.fixture
def story(store: StoreHarness) -> Story:
    return Story(store)
