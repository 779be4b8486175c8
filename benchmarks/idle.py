"""What a service costs that has nothing to do."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

from adapters.redis.endpoints import RedisEndpoints
from benchmarks.processor_time import memory_bytes, processor_seconds
from benchmarks.report import show_json, show_table
from benchmarks.service import measured_service
from domain.dispatch import Limits
from tests.redis.crowd import let_wait
from tests.redis.desk import Desk
from tests.support.redis_server import RedisServer

MOST_SHARE = 0.01
"""Of a core."""
QUIET_SHARE = 0.05
"""Of a core. What a start does, a sweep of all tasks among it, is over when less is used."""
STUCK_S = 120.0
LOOK_S = 2.0
LONG_S = 3600.0


def idle(*, seconds: float = 20.0, waiting: int = 100_000) -> int:
    """Measure the processor time of an idle service: with no tasks, and with very many that wait and may not run.

    They may not, because one of their service is at work elsewhere and DMS_LIMIT_PER_SERVICE is 1.

    Args:
        seconds: How long each.
        waiting: How many tasks wait.
    """
    cases: dict[str, Callable[[RedisServer], None] | None] = {
        "no tasks": None,
        f"{waiting:,} waiting": lambda redis: asyncio.run(_let_wait(redis.url, waiting)),
    }
    found = {name: _measure(prepare, seconds) for name, prepare in cases.items()}
    rows = [(name, f"{100 * share:.2f} %", f"{memory / 2**20:.1f} MiB") for name, (share, memory) in found.items()]
    show_table(f"Over {seconds:g} s", ("", "of a core", "memory of the service"), rows)
    within = all(share < MOST_SHARE for share, _ in found.values())
    print(f"Bound: {100 * MOST_SHARE:g} % of a core: {'kept' if within else 'EXCEEDED'}.")
    as_json = {name: {"share_of_a_core": share, "memory_bytes": memory} for name, (share, memory) in found.items()}
    show_json({"benchmark": "idle", "seconds": seconds, "waiting": waiting, "found": as_json, "within_bound": within})
    return 0 if within else 1


def _measure(prepare: Callable[[RedisServer], None] | None, seconds: float) -> tuple[float, int]:
    with measured_service(prepare=prepare, DMS_LIMIT_PER_SERVICE="1") as service:
        _wait_until_quiet(service.process_id)
        before, began = processor_seconds(service.process_id), time.monotonic()
        time.sleep(seconds)
        used, span = processor_seconds(service.process_id) - before, time.monotonic() - began
        return used / span, memory_bytes(service.process_id)


def _wait_until_quiet(process_id: int) -> None:
    until = time.monotonic() + STUCK_S
    while time.monotonic() < until:
        before = processor_seconds(process_id)
        time.sleep(LOOK_S)
        if processor_seconds(process_id) - before < QUIET_SHARE * LOOK_S:
            return
    raise RuntimeError(f"the service is still busy after {STUCK_S:g} s")


async def _let_wait(url: str, number: int) -> None:
    endpoints = RedisEndpoints.open(url)
    try:
        desk = Desk(endpoints)
        await let_wait(desk, number + 1, users=100, records=True)
        await desk.queue.claim("another replica", desk.nonces(1), Limits(), LONG_S)
    finally:
        await endpoints.close()
