"""A fake cluster over real HTTP, templates, and executors that use them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import kmock
import pytest

from adapters.executors.kubernetes.config import KubernetesConfig
from adapters.executors.kubernetes.executor import KubernetesExecutor
from domain.ports import Clock
from tests.executors.driving import CLOCK
from tests.kubernetes.fake import Engine, FakeCluster
from tests.kubernetes.making import MakeExecutor, config_for, executor_for


@pytest.fixture
async def cluster() -> AsyncIterator[FakeCluster]:
    """An API server."""
    async with FakeCluster() as cluster, kmock.Server(cluster):
        yield cluster
        cluster.break_connections()
        cluster.logs.break_connections()


@pytest.fixture
def engine(cluster: FakeCluster) -> Engine:
    """The controllers behind it."""
    return Engine(cluster)


@pytest.fixture
def config(cluster: FakeCluster, tmp_path: Path) -> KubernetesConfig:
    """Settings for that cluster."""
    return config_for(cluster, tmp_path)


@pytest.fixture
async def make_executor(config: KubernetesConfig) -> AsyncIterator[MakeExecutor]:
    """Makes executors, as many as there are schedulers; they are closed in the end."""
    made: list[KubernetesExecutor] = []

    def make(clock: Clock = CLOCK, **changes: Any) -> KubernetesExecutor:
        made.append(executor_for(replace(config, **changes), clock))
        return made[-1]

    yield make
    await asyncio.gather(*(executor.close() for executor in made))


@pytest.fixture
def executor(make_executor: MakeExecutor) -> KubernetesExecutor:
    """An executor."""
    return make_executor()
