"""Fixtures that run the service."""

from collections.abc import AsyncIterator

import pytest

from entrypoints.settings import StoreKind
from tests.http.service import Service, running_service, settings


@pytest.fixture(params=["memory", pytest.param("redis", marks=pytest.mark.slow)])
async def service(request: pytest.FixtureRequest) -> AsyncIterator[Service]:
    """The service on each store. That both do the same is held by tests of theirs, so one will do for a quick look."""
    if request.param == "memory":
        chosen = settings()
    else:
        url = request.getfixturevalue("redis_url")
        chosen = settings(store=StoreKind.REDIS, redis_write_url=url, redis_read_url=url)
    async with running_service(chosen) as service:
        yield service


@pytest.fixture
async def memory_service() -> AsyncIterator[Service]:
    """The service on the memory store, for what does not depend on the store."""
    async with running_service(settings()) as service:
        yield service
