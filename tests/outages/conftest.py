"""The stage for the tests in this folder."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.conftest import StartRedis
from tests.executors.descendants import adopting
from tests.outages.mover import STUBBORN
from tests.outages.stage import QUICK, Stage, on_stage


@pytest.fixture
async def stage(request: pytest.FixtureRequest, tmp_path: Path, start_redis: StartRedis) -> AsyncIterator[Stage]:
    """A stage with a Redis of its own and movers that only KILL ends; a parameter gives them another beginning."""
    with adopting():
        async with on_stage(start_redis(), tmp_path, getattr(request, "param", STUBBORN), QUICK) as made:
            yield made
