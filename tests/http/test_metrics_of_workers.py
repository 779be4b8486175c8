"""One scrape tells of all workers, of dead ones too."""

from __future__ import annotations

import os
import signal
import subprocess
from pathlib import Path

import pytest

from adapters.redis.endpoints import RedisEndpoints
from adapters.redis.registration import RedisRegistration
from adapters.system import SystemClock
from tests.http.process import Process
from tests.http.service import PARAMETERS, TTL_S, settings, until
from tests.metrics.counted import Scrape

TASKS = 24
SLOTS = 3


async def scrape(service: Process) -> Scrape:
    async with service.client() as client:  # whichever worker takes the new connection
        return Scrape.of((await client.get("/metrics")).text)


async def submit(service: Process, redis_url: str, number: int) -> None:
    """Submit tasks, each over a new connection."""
    endpoints = RedisEndpoints.open(redis_url)
    registration = RedisRegistration(endpoints, SystemClock(settings().timezone), TTL_S)
    for _ in range(number):
        task_id = await registration.register("sync", "alice", PARAMETERS)
        body = {"task_id": task_id, "service": "sync", "user_id": "alice", "parameters": PARAMETERS}
        async with service.client() as client:
            assert (await client.post("/tasks/task", json=body)).status_code == 202
    await endpoints.close()


def workers_of(process: subprocess.Popen[bytes]) -> list[int]:
    """The processes that serve, not the one with which Python's multiprocessing looks after resources."""
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    return [int(pid) for pid in children if b"spawn_main" in Path(f"/proc/{pid}/cmdline").read_bytes()]


@pytest.mark.slow
async def test_workers_are_summed_and_what_a_killed_one_counted_stays(redis_url: str, tmp_path: Path) -> None:
    service = Process(
        DMS_STORE="redis",
        DMS_REDIS_WRITE_URL=redis_url,
        DMS_WORKERS="2",
        DMS_SLOTS="3",
        DMS_PLACEHOLDER_SECONDS="0",
        TMPDIR=str(tmp_path),
    )
    with service.running() as process:
        await service.becomes_ready(process)
        await until(lambda: scrape(service), both_stand)
        await submit(service, redis_url, TASKS)
        told = await until(lambda: scrape(service), lambda told: told.total("tasks_ended_total") >= TASKS)
        assert told.shown("tasks_ended_total", "service", "status") == {("sync", "completed"): TASKS}
        assert told.shown("submits_total", "result") == {("accepted",): TASKS}
        assert told.total("queue_wait_seconds_count", priority="low") == TASKS
        killed = workers_of(process)[0]
        os.kill(killed, signal.SIGKILL)
        # The parent starts another one, which counts on where the dead one left off.
        await until(lambda: became_new(process, killed), bool)
        told = await until(lambda: scrape(service), both_stand)
        assert told.total("tasks_ended_total") == TASKS
        await submit(service, redis_url, TASKS)
        told = await until(lambda: scrape(service), lambda told: told.total("tasks_ended_total") >= 2 * TASKS)
        assert told.total("tasks_ended_total") == told.total("submits_total") == 2 * TASKS
        process.send_signal(signal.SIGTERM)
        code, _, err = service.ended(process)
    assert (code, err) == (0, "")
    assert list(tmp_path.iterdir()) == []


def both_stand(told: Scrape) -> bool:
    return (told.total("workers"), told.total("slots"), told.total("watch_blind_workers")) == (2, 2 * SLOTS, 0)


async def became_new(process: subprocess.Popen[bytes], killed: int) -> bool:
    workers = workers_of(process)
    return killed not in workers and len(workers) == 2
