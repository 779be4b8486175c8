"""A service on a real Redis, and its operator."""

from collections.abc import AsyncIterator

import pytest

from entrypoints.settings import StoreKind
from tests.cli.admin.operator import Operator
from tests.http.service import running_service, settings


@pytest.fixture
async def operator(redis_url: str) -> AsyncIterator[Operator]:
    """The operator of a service with two slots, whose work goes on until the gate opens."""
    chosen = settings(store=StoreKind.REDIS, redis_write_url=redis_url, redis_read_url=redis_url, slots=2)
    async with running_service(chosen) as service:
        service.executor.gate.clear()
        yield Operator(service)
