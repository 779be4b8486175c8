"""All that takes part in a run: Redis and its copy, proxies, schedulers, the service address and the frontends."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from redis.asyncio import Redis

from tests.chaos.address import ServiceAddress
from tests.chaos.processes import SchedulerProcess
from tests.chaos.proxy import FaultProxy
from tests.chaos.replica import VARIABLE
from tests.chaos.shape import Shape
from tests.chaos.trees import Trees
from tests.chaos.witnessed import LOCKS
from tests.frontend.standin import Frontend, Journal, RedisRecords
from tests.support.redis_server import RedisServer

REPLICAS = 3
FRONTENDS = 8
"""Processes, as it were, with four workers each."""
TOKEN = "operators-only"
SOCKET_TIMEOUT_S = 5.0


@dataclass(frozen=True)
class Stage:
    """Everything runs."""

    directory: Path
    redis: RedisServer
    copy: RedisServer
    proxies: list[FaultProxy]
    """One before Redis for each scheduler."""
    replicas: list[SchedulerProcess]
    address: ServiceAddress
    frontends: list[Frontend]
    journal: Journal
    trees: Trees


class Records(RedisRecords):
    """Gives no id out twice: a killed Redis may lose the count of them, and two tasks with one id mix up frontends."""

    def __init__(self, write: Redis, read: Redis) -> None:
        super().__init__(write, read)
        self._ids = count(1)

    async def next_id(self) -> str:
        return str(next(self._ids))


@asynccontextmanager
async def stage(directory: Path, seed: int, shape: Shape) -> AsyncIterator[Stage]:
    """Start everything, and end it all with the block."""
    dice, trees = random.Random(f"stage of {seed}"), Trees(directory / "data")
    trees.plant(dice)
    (directory / LOCKS).mkdir()
    async with AsyncExitStack() as stack:
        redis = _redis(stack, directory / "redis", {"appendonly": "yes", "appendfsync": "everysec"})
        copy = _redis(stack, directory / "copy", {"replicaof": f"127.0.0.1 {redis.port}"})
        replicas, proxies = [], []
        for number in range(REPLICAS):
            write = await stack.enter_async_context(FaultProxy(redis.port).running())
            read = await stack.enter_async_context(FaultProxy(copy.port).running())
            proxies.append(write)
            variables = _variables(directory, write.url, read.url, seed, shape)
            replica = SchedulerProcess(number, variables, directory / f"scheduler{number}.log")
            stack.callback(replica.kill)
            replica.start()
            replicas.append(replica)
        for replica in replicas:
            await replica.accepts()
        address = await stack.enter_async_context(ServiceAddress(replicas, dice, TOKEN).probing())
        journal = Journal()
        records = Records(_client(stack, redis.url), _client(stack, copy.url))
        frontends = [
            await stack.enter_async_context(Frontend(records, address, journal=journal)) for _ in range(FRONTENDS)
        ]
        yield Stage(directory, redis, copy, proxies, replicas, address, frontends, journal, trees)


def _redis(stack: AsyncExitStack, directory: Path, options: dict[str, str]) -> RedisServer:
    directory.mkdir()
    server = RedisServer(directory, options)
    stack.callback(server.kill)
    server.start()
    return server


def _client(stack: AsyncExitStack, url: str) -> Redis:
    client = Redis.from_url(url, protocol=2, socket_timeout=SOCKET_TIMEOUT_S)
    stack.push_async_callback(client.aclose)
    return client


def _variables(directory: Path, write_url: str, read_url: str, seed: int, shape: Shape) -> dict[str, str]:
    return {
        VARIABLE: str(directory),
        "DMS_REDIS_WRITE_URL": write_url,
        "DMS_REDIS_READ_URL": read_url,
        "DMS_ALLOWED_ROOTS": str(directory / "data"),
        # The movers differ in how they work and how they end, so both have their turn.
        "DMS_MOVER": ("rclone", "rsync")[seed % 2],
        "DMS_RUN_AS": "service",
        "DMS_OPERATOR_TOKEN": TOKEN,
        "DMS_LEASE_SECONDS": str(shape.lease_s),
        "DMS_KILL_GRACE_SECONDS": str(shape.kill_grace_s),
        "DMS_SHUTDOWN_GRACE_SECONDS": "0.5",
        # Work that a fault stopped is begun again soon and often: no task may fail for that.
        "DMS_RETRY_MAX": "100",
        "DMS_RETRY_BASE_SECONDS": "0.2",
        "DMS_RETRY_CAP_SECONDS": "1",
    }
