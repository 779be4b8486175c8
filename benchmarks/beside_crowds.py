"""Measuring operations beside crowds, each on a Redis server of its own, in alternating rounds."""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from redis import Redis

from adapters.redis.endpoints import RedisEndpoints
from benchmarks.crowds import Crowd
from benchmarks.operations import Operations
from benchmarks.slow_log import busy_with
from tests.support.redis_server import RedisServer


@dataclass
class Cost:
    """Of one operation beside one crowd. All in microseconds."""

    redis: list[float] = field(default_factory=list)
    """Redis' own time: the median of each round."""
    wall: list[float] = field(default_factory=list)
    """From the call to its return: the median of each round."""
    longest: list[float] = field(default_factory=list)
    """The longest single command of each operation: so long Redis served nobody else."""


@dataclass
class Beside:
    """What was found beside one crowd."""

    crowd: Crowd
    server: RedisServer
    operations: Operations
    bytes_per_task: float
    costs: dict[str, Cost]


async def measure(crowds: Sequence[Crowd], directory: Path, samples: int, rounds: int) -> Sequence[Beside]:
    """Gather all crowds at once, and do so many operations of each kind in each round."""
    async with AsyncExitStack() as stack:
        found = [
            await _gather(crowd, RedisServer(_made(directory / str(number))), stack)
            for number, crowd in enumerate(crowds)
        ]
        for _ in range(rounds):
            for beside in found:
                with beside.server.client() as redis:
                    await _round(beside, redis, samples)
    return found


def _made(directory: Path) -> Path:
    directory.mkdir()
    return directory


async def _gather(crowd: Crowd, server: RedisServer, stack: AsyncExitStack) -> Beside:
    server.start()
    stack.callback(server.kill)
    endpoints = RedisEndpoints.open(server.url)
    stack.push_async_callback(endpoints.close)
    size = await crowd.gather(endpoints)
    operations = Operations(endpoints, crowd.log_lines)
    return Beside(crowd, server, operations, size, {name: Cost() for name in operations.named})


async def _round(beside: Beside, redis: Redis, samples: int) -> None:
    for name, operation in beside.operations.named.items():
        cost, busy_us, wall_us = beside.costs[name], list[float](), list[float]()
        for _ in range(1 + samples):  # the first loads a script, perhaps
            task_id = await beside.operations.prepare(name)
            with busy_with(redis) as busy:
                began = time.perf_counter()
                await operation(task_id)
                wall_us.append(1e6 * (time.perf_counter() - began))
            busy_us.append(busy.total)
            cost.longest.append(busy.longest)
            await beside.operations.clean_up(name, task_id)
        cost.redis.append(median(busy_us[1:]))
        cost.wall.append(median(wall_us[1:]))
