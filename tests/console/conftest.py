"""Fixtures that open the console."""

import pytest

from tests.console.operator import Operator
from tests.http.conftest import memory_service, service
from tests.http.service import Service

__all__ = ["memory_service", "service"]


@pytest.fixture
async def operator(memory_service: Service) -> Operator:
    """Somebody who has logged in, where the store makes no difference."""
    somebody = Operator(memory_service)
    assert (await somebody.log_in()).status_code == 303
    return somebody
