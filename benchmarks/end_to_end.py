"""What a quick task costs the service from its submit to `completed`, and how many it brings home in a second."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass

from redis import Redis

from adapters.redis import keys
from benchmarks.loads import BareSubmits, Load, ThroughFrontends
from benchmarks.processor_time import processor_seconds
from benchmarks.redis_stats import redis_work
from benchmarks.report import show_json, show_table
from benchmarks.service import Measured, measured_service
from benchmarks.spread import spreads

MOST_CPU_MS = 1.0
"""Of the service, per task (issue "Fast")."""
SETTLE_S = 1.5
"""Changed records are collected for 0.2 s and then reconciled, which belongs to the cost."""
LOOK_S = 0.05
STUCK_S = 120.0


@dataclass(frozen=True, slots=True)
class Round:
    """One round's figures. What the service does in an equal span without tasks is not in them."""

    tasks_per_s: float
    """From the first submit to the last end."""
    cpu_ms: float
    """Of the service's processes, per task."""
    commands: float
    """By everybody: frontends' stand-ins too."""
    round_trips: float


def end_to_end(*, tasks: int = 2000, concurrency: int = 16, rounds: int = 5, workers: int = 1) -> int:
    """Measure throughput, processor time, Redis commands and round trips per quick task.

    The service runs in processes of its own (uvicorn, placeholder of 0 s, all else at its defaults). Its processor time
    is what the operating system accounts to it: HTTP, dispatcher and reconciler. Rounds alternate between bare submits,
    by a client that costs little, and stand-ins for dms-frontend, which write records before and after each submit and
    need far more processor time than the service.

    Args:
        tasks: How many in each round.
        concurrency: How many at a time.
        rounds: How many of each kind.
        workers: Processes of the service.
    """
    loads: Sequence[BareSubmits | ThroughFrontends] = (BareSubmits(), ThroughFrontends())
    with ExitStack() as stack:
        services = [stack.enter_context(measured_service("--workers", str(workers))) for _ in loads]
        for service in services:
            _round(service, BareSubmits(), max(100, tasks // 10), concurrency)  # what is done only once
        done = [
            [_round(service, load, tasks, concurrency) for service, load in zip(services, loads, strict=True)]
            for _ in range(rounds)
        ]
    found = {load.name: spreads(of_load) for load, of_load in zip(loads, zip(*done, strict=True), strict=True)}
    headings = ("", "tasks/s", "CPU ms/task", "Redis commands/task", "round trips/task")
    rows = [(name, *map(str, each.values())) for name, each in found.items()]
    show_table(f"{rounds} rounds of {tasks} tasks, {concurrency} at a time: median (least to most)", headings, rows)
    within = all(each["cpu_ms"].middle <= MOST_CPU_MS for each in found.values())
    print(f"Bound: {MOST_CPU_MS} ms of CPU per task: {'kept' if within else 'EXCEEDED'}.")
    figures = {name: {what: spread.as_json() for what, spread in each.items()} for name, each in found.items()}
    asked = {"tasks": tasks, "concurrency": concurrency, "rounds": rounds, "workers": workers}
    show_json({"benchmark": "end-to-end", **asked, "found": figures, "within_bound": within})
    return 0 if within else 1


def _round(service: Measured, load: Load, tasks: int, concurrency: int) -> Round:
    asyncio.run(load.prepare(service, tasks))
    time.sleep(SETTLE_S)  # the service has seen the new records, and is quiet again
    with service.redis.client() as redis:
        start, cpu, began = redis_work(redis), processor_seconds(service.process_id), time.monotonic()
        ended = redis.zcard(keys.ENDED)
        asyncio.run(load.send(service, tasks, concurrency))
        looks = 2 + _wait_for(redis, ended + tasks)
        seconds = time.monotonic() - began
        time.sleep(SETTLE_S)
        middle, middle_cpu, span = redis_work(redis), processor_seconds(service.process_id), time.monotonic() - began
        time.sleep(span)
        end, end_cpu = redis_work(redis), processor_seconds(service.process_id)
    used = (middle_cpu - cpu) - (end_cpu - middle_cpu)
    work = (middle - start) - (end - middle)
    return Round(tasks / seconds, 1000 * used / tasks, (work.total - looks) / tasks, (work.reads - looks) / tasks)


def _wait_for(redis: Redis, ended: int) -> int:
    """Return when so many tasks have ended: after how many looks at Redis."""
    looks, until = 1, time.monotonic() + STUCK_S
    while redis.zcard(keys.ENDED) < ended:
        if time.monotonic() > until:
            raise RuntimeError(f"not all tasks have ended within {STUCK_S:g} s")
        time.sleep(LOOK_S)
        looks += 1
    return looks
