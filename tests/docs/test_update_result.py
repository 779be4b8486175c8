"""docs/examples/update_result.py does what docs/api.md says of it, beside a running service."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from typing import cast

import pytest
from redis import Redis

from tests.cli import program
from tests.docs.markdown import DOCS
from tests.support.ports import free_port
from tests.support.redis_server import RedisServer

EXAMPLE = DOCS / "examples" / "update_result.py"
BODY = {"task_id": "1", "service": "sync", "user_id": "alice", "parameters": {"src": "/a"}}


@pytest.fixture
def redis(redis_server: RedisServer, redis_url: str) -> Iterator[Redis]:
    with redis_server.client() as client:
        yield client


@pytest.fixture
def task_at_work(redis: Redis, redis_url: str) -> Iterator[str]:
    """A service whose placeholder takes an hour, and in it task 1, running."""
    port = free_port()
    variables = {
        "DMS_REDIS_WRITE_URL": redis_url,
        "DMS_EXECUTOR": "placeholder",
        "DMS_PLACEHOLDER_SECONDS": "3600",
        "DMS_SHUTDOWN_GRACE_SECONDS": "0",
    }
    with program.running("serve", "--host", "127.0.0.1", "--port", str(port), env=variables) as service:
        service.lines_until('"recovered"')
        assert program.run("register", "sync", "src=/a", "--user", "alice", env=variables).stdout == "1\n"
        submit(port)
        wait_until(lambda: record(redis)["status"] == "running")
        yield redis_url
        service.end()


def submit(port: int) -> None:
    curl = ["curl", "-sS", "--fail", f"http://127.0.0.1:{port}/tasks/task"]
    subprocess.run([*curl, "-H", "Content-Type: application/json", "-d", json.dumps(BODY)], check=True)


def record(redis: Redis) -> dict[str, object]:
    return cast("dict[str, object]", json.loads(cast(str, redis.get("task:1"))))


def wait_until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + program.LONG_S
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def update(url: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(EXAMPLE), *arguments],
        env={**os.environ, "PYTHONPATH": str(program.ROOT / "src"), "DMS_REDIS_WRITE_URL": url},
        capture_output=True,
        text=True,
        timeout=program.LONG_S,
        check=False,
    )


@pytest.mark.slow
def test_what_it_writes_lasts_and_what_is_written_over_the_record_does_not(task_at_work: str, redis: Redis) -> None:
    done = update(task_at_work, "1", "--pod-status", "launcher-0: Running", "--launcher-output", "42 % done")
    assert (done.returncode, done.stderr) == (0, "")
    told = {"pod_status": "launcher-0: Running", "launcher_output": "42 % done"}
    assert record(redis)["result"] == told

    plain = {"pod_status": "plainly written", "launcher_output": None}
    redis.set("task:1", json.dumps({**record(redis), "result": plain}), keepttl=True)
    wait_until(lambda: record(redis)["result"] == told)

    assert update(task_at_work, "1", "--launcher-output", "43 % done").returncode == 0
    assert record(redis)["result"] == {**told, "launcher_output": "43 % done"}
    assert record(redis)["status"] == "running"


@pytest.mark.slow
def test_what_is_not_at_work_is_refused(redis: Redis, redis_url: str) -> None:
    assert "not registered" in update(redis_url, "1", "--pod-status", "x").stderr
    assert "decimal number" in update(redis_url, "id:sequence", "--pod-status", "x").stderr
    program.run("register", "sync", "--user", "alice", env={"DMS_REDIS_WRITE_URL": redis_url})
    before = record(redis)
    refused = update(redis_url, "1", "--pod-status", "x")
    assert refused.returncode == 1
    assert record(redis) == before


@pytest.mark.slow
def test_it_says_why_where_the_task_has_ended(task_at_work: str, redis: Redis) -> None:
    program.run("takeover", env={"DMS_REDIS_WRITE_URL": task_at_work})
    assert record(redis)["status"] == "running"
    redis.delete("task:1")
    wait_until(lambda: redis.zcard("dms:scheduler:live") == 0)
    assert "not registered" in update(task_at_work, "1", "--pod-status", "x").stderr
