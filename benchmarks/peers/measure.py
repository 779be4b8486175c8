"""One round of one contestant."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

from redis import Redis

from benchmarks.peers.contestants import Contestant
from benchmarks.processor_time import processor_seconds

SETTLE_S = 1.5
"""What is put off until later (the service reconciles changed records after 0.2 s) belongs to the cost."""
LOOK_S = 0.01
STUCK_S = 120.0


@dataclass(frozen=True, slots=True)
class Round:
    """One round's figures. What is used in an equal span without tasks is not in the first two of processor time."""

    tasks_per_s: float
    """From the first enqueue to the last end."""
    cpu_ms: float
    """Of the workers' processes, per task. The service's are its HTTP servers too."""
    redis_cpu_ms: float
    """Of the Redis server, per task: the looks of the benchmark are in it, 100 in a second."""
    client_cpu_ms: float
    """Of the enqueuing client, per task."""
    idle_cpu_ms_per_s: float
    """Of the workers' processes while there is nothing to do."""


def measure(contestant: Contestant, tasks: int, concurrency: int) -> Round:
    """Run so many tasks. Raises RuntimeError if not all have ended well."""
    with contestant.round(tasks, concurrency) as send, contestant.redis.client() as redis:
        time.sleep(SETTLE_S)
        start = _used(contestant)
        sent = send()
        _wait(contestant, redis, tasks)
        seconds = time.monotonic() - sent.began
        time.sleep(SETTLE_S)
        middle, span = _used(contestant), time.monotonic() - sent.began
        time.sleep(span)
        end = _used(contestant)
    workers, server = (
        1000 * ((middle_s - start_s) - (end_s - middle_s)) / tasks
        for start_s, middle_s, end_s in zip(start, middle, end, strict=True)
    )
    idle = 1000 * (end[0] - middle[0]) / span
    return Round(tasks / seconds, workers, server, 1000 * sent.cpu_s / tasks, idle)


def _used(contestant: Contestant) -> Sequence[float]:
    """Processor seconds of the workers, and of their Redis server."""
    return sum(map(processor_seconds, contestant.workers)), processor_seconds(contestant.redis.pid)


def _wait(contestant: Contestant, redis: Redis, tasks: int) -> None:
    until = time.monotonic() + STUCK_S
    while left := contestant.left(redis, tasks):
        if time.monotonic() > until:
            raise RuntimeError(f"{left} tasks have not ended within {STUCK_S:g} s")
        time.sleep(LOOK_S)
