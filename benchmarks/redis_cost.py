"""What a quick task costs in Redis, from its submit to `completed`."""

from __future__ import annotations

import asyncio
import json
import time
from dataclasses import dataclass
from typing import cast

import httpx

from benchmarks.ends import ends
from benchmarks.loads import PARAMETERS, register
from benchmarks.redis_stats import RedisWork, redis_work
from benchmarks.report import show_json, show_table
from benchmarks.service import Measured, measured_service

MOST_COMMANDS = 40
MOST_ROUND_TRIPS = 6
SETTLE_S = 1.0
"""Changes are collected for 0.2 s and then reconciled, which belongs to the cost."""


@dataclass(frozen=True, slots=True)
class Spans:
    """What Redis did during the tasks, and during as long a time of doing nothing."""

    busy: RedisWork
    idle: RedisWork
    seconds: float


def redis_cost(*, tasks: int = 1000) -> int:
    """Count Redis commands and round trips per quick task, one task at a time.

    The service is a process of its own (uvicorn, one worker, placeholder of 0 s) and each task is submitted over real
    HTTP, as the frontend does, when the one before has ended. Tasks are registered before the count begins; their ends
    are heard of without asking. The traffic of an equal span without tasks is subtracted.

    Args:
        tasks: How many.
    """
    with measured_service() as service:
        spans = asyncio.run(_measure(service, tasks))
        wrong = _not_completed(service, tasks)
    cost = spans.busy - spans.idle
    per_task = {name: count / tasks for name, count in cost.commands.most_common() if count}
    commands, round_trips = cost.total / tasks, cost.reads / tasks
    rows = [*per_task.items(), ("all commands", commands), ("round trips", round_trips)]
    show_table(f"Redis per quick task, over {tasks} tasks in {spans.seconds:.1f} s", ("what", "per task"), rows)
    within = commands <= MOST_COMMANDS and round_trips <= MOST_ROUND_TRIPS and not wrong
    print(f"Bounds: {MOST_COMMANDS} commands, {MOST_ROUND_TRIPS} round trips: {'kept' if within else 'EXCEEDED'}.")
    if wrong:
        print(f"{wrong} of {tasks} records do not say completed!")
    show_json(
        {
            "benchmark": "redis-cost",
            "tasks": tasks,
            "seconds": round(spans.seconds, 3),
            "commands_per_task": round(commands, 3),
            "round_trips_per_task": round(round_trips, 3),
            "commands": {name: round(count, 3) for name, count in per_task.items()},
            "idle_commands": spans.idle.total,
            "idle_round_trips": spans.idle.reads,
            "not_completed": wrong,
            "within_bounds": within,
        }
    )
    return 0 if within else 1


async def _measure(service: Measured, tasks: int) -> Spans:
    ids = await register(service, tasks)
    await asyncio.sleep(SETTLE_S)  # the service has seen the new records, and is quiet again
    with service.redis.client() as redis:
        async with ends(service.redis.url) as ended, httpx.AsyncClient(base_url=service.base_url) as http:
            # A connection's first commands are no task's.
            await http.get("/healthz")
            start, began = redis_work(redis), time.monotonic()
            for task_id in ids:
                body = {"task_id": task_id, "service": "sync", "user_id": "alice", "parameters": PARAMETERS}
                answer = await http.post("/tasks/task", json=body)
                answer.raise_for_status()
                await ended.next()
            await asyncio.sleep(SETTLE_S)
            middle, seconds = redis_work(redis), time.monotonic() - began
            await asyncio.sleep(seconds)
            end = redis_work(redis)
    return Spans(middle - start, end - middle, seconds)


def _not_completed(service: Measured, tasks: int) -> int:
    with service.redis.client() as redis:
        documents = cast("list[str]", redis.mget([f"task:{number}" for number in range(1, tasks + 1)]))
    return sum(json.loads(document)["status"] != "completed" for document in documents)
