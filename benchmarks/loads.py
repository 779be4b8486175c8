"""Who submits: bare requests, or stand-ins for dms-frontend with all that they write."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AsyncExitStack
from typing import Protocol
from zoneinfo import ZoneInfo

from redis.asyncio import Redis

from adapters.redis.endpoints import RedisEndpoints
from adapters.redis.registration import RedisRegistration
from adapters.system import SystemClock
from benchmarks.service import HOST, Measured
from benchmarks.submitter import submit_all
from tests.frontend.standin import Frontend, HttpScheduler, Journal, RedisRecords, crowd

PARAMETERS = {"src": "/pvs/a", "dst": "/pvs/b"}
TTL_S = 7_776_000
FRONTENDS = 4
"""Processes, with four workers each."""


async def register(service: Measured, tasks: int, parameters: Mapping[str, str] = PARAMETERS) -> list[str]:
    """Write records as the frontend does, and return their ids."""
    endpoints = RedisEndpoints.open(service.redis.url)
    try:
        registration = RedisRegistration(endpoints, SystemClock(ZoneInfo("Asia/Seoul")), TTL_S)
        return [await registration.register("sync", "alice", parameters) for _ in range(tasks)]
    finally:
        await endpoints.close()


class Load(Protocol):
    """One way of submitting tasks."""

    async def prepare(self, service: Measured, tasks: int) -> None:
        """Do what comes before the submits, and is not measured."""
        ...

    async def send(self, service: Measured, tasks: int, concurrency: int) -> None:
        """Submit so many tasks, so many at a time. Raises RuntimeError where one is refused."""
        ...


class BareSubmits:
    """Requests for tasks that are registered already, by a client that costs little."""

    name = "bare submits"

    def __init__(self) -> None:
        self._ids: list[str] = []

    async def prepare(self, service: Measured, tasks: int) -> None:
        self._ids = await register(service, tasks)

    async def send(self, service: Measured, tasks: int, concurrency: int) -> None:
        submits = await submit_all(HOST, service.port, self._ids, PARAMETERS, concurrency)
        if submits.refused:
            raise RuntimeError(f"{submits.refused} submits were refused")


class ThroughFrontends:
    """Users of stand-ins, which write each record before and after its submit."""

    name = "through frontends"

    async def prepare(self, service: Measured, tasks: int) -> None:
        """All of it belongs to the load."""

    async def send(self, service: Measured, tasks: int, concurrency: int) -> None:
        journal, redis = Journal(), Redis.from_url(service.redis.url, protocol=2)
        scheduler = HttpScheduler(service.base_url)
        async with AsyncExitStack() as stack:
            stack.push_async_callback(redis.aclose)
            stack.push_async_callback(scheduler.aclose)
            frontends = [
                await stack.enter_async_context(Frontend(RedisRecords(redis), scheduler, journal=journal))
                for _ in range(FRONTENDS)
            ]
            await crowd(frontends, tasks, concurrency)
        if journal.errors:
            raise RuntimeError(f"the frontends met errors of their own: {journal.errors[:3]}")
