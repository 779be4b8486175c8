"""How many records are right after a burst of tasks through the frontend, which overwrites them as it goes."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from contextlib import AsyncExitStack
from typing import cast

from redis.asyncio import Redis

from adapters.redis.endpoints import RedisEndpoints
from adapters.redis.task_store import RedisTaskStore
from benchmarks.loads import FRONTENDS
from benchmarks.report import show_json, show_table
from benchmarks.service import Measured, measured_service
from tests.frontend.standin import Finding, Frontend, HttpScheduler, Journal, RedisRecords, crowd, truth_of, verdict

PATIENCE_S = 2.0
"""So long after the frontend's last write each record must tell the truth (contract §4)."""


def frontend_burst(*, tasks: int = 2000, concurrency: int = 16) -> int:
    """Send tasks through stand-ins for dms-frontend, and count the records that are right 2 s after the last write.

    Right means: status, result and every log line of both sides, none twice, in the order of their times. The
    scheduler is a process of its own with a placeholder of 0 s, so its writes and the frontends' meet all the time.

    Args:
        tasks: How many.
        concurrency: Users at a time.
    """
    with measured_service() as service:
        findings, seconds = asyncio.run(_burst(service, tasks, concurrency))
    wrong = sum(bool(found) for found in findings.values())
    faults = Counter(finding.fault.value for found in findings.values() for finding in found)
    rows = [("right", tasks - wrong), ("wrong", wrong), *((f"  {fault}", count) for fault, count in faults.items())]
    show_table(f"{tasks} tasks through the frontend in {seconds:.1f} s, {concurrency} at a time", ("record", "n"), rows)
    for task_id, found in [item for item in findings.items() if item[1]][:10]:
        print(f"task {task_id}: {'; '.join(map(str, found))}")
    show_json(
        {
            "benchmark": "frontend-burst",
            "tasks": tasks,
            "concurrency": concurrency,
            "seconds": round(seconds, 3),
            "right": tasks - wrong,
            "wrong": wrong,
            "faults": dict(faults),
        }
    )
    return 1 if wrong else 0


async def _burst(service: Measured, tasks: int, concurrency: int) -> tuple[dict[str, list[Finding]], float]:
    journal = Journal()
    redis = Redis.from_url(service.redis.url, protocol=2)
    scheduler = HttpScheduler(service.base_url)
    async with AsyncExitStack() as stack:
        stack.push_async_callback(redis.aclose)
        stack.push_async_callback(scheduler.aclose)
        frontends = [
            await stack.enter_async_context(Frontend(RedisRecords(redis), scheduler, journal=journal))
            for _ in range(FRONTENDS)
        ]
        began = time.monotonic()
        ids = await crowd(frontends, tasks, concurrency)
        seconds = time.monotonic() - began
        if journal.errors:
            raise RuntimeError(f"the frontends met errors of their own: {journal.errors[:3]}")
        await asyncio.sleep(PATIENCE_S)
        # First all records, then all ledgers: reading must not give late repairs more time.
        documents = cast("list[bytes | None]", await redis.mget([f"task:{task_id}" for task_id in ids]))
    endpoints = RedisEndpoints.open(service.redis.url)
    try:
        snapshots = await RedisTaskStore(endpoints).load(ids)
    finally:
        await endpoints.close()
    findings = {}
    for task_id, document, snapshot in zip(ids, documents, snapshots, strict=True):
        truth = truth_of(snapshot.task) if snapshot.task else None
        findings[task_id] = verdict(document, truth, journal.histories[task_id])
    return findings, seconds
