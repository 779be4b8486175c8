"""Every test of the suite runs against every store."""

from collections.abc import AsyncIterator

import pytest

from tests.stores.harness import OpenStore, StoreHarness
from tests.stores.memory_harness import open_memory_store
from tests.stores.story import Story


@pytest.fixture(params=["memory"])
def open_store(request: pytest.FixtureRequest) -> OpenStore:
    """Opens one more empty store of the kind that is tested."""
    return open_memory_store


@pytest.fixture
async def store(open_store: OpenStore) -> AsyncIterator[StoreHarness]:
    async with open_store() as harness:
        yield harness


@pytest.fixture
def story(store: StoreHarness) -> Story:
    return Story(store)
