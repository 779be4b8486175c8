"""A site as operators meet it: the service as a process, real Redis, real files, and a frontend to submit with."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC
from pathlib import Path
from typing import TypeVar

import httpx

from adapters.redis.endpoints import RedisEndpoints
from adapters.redis.registration import RedisRegistration
from adapters.system import SystemClock
from tests.cli import program
from tests.support.needs import require_program
from tests.support.redis_server import RedisServer

URL = "http://127.0.0.1:9000"
TOKEN = "kims-own-token"
LONG_S = 120
LOOK_S = 0.2
TTL_S = 3600

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Site:
    """Where commands are typed."""

    root: Path
    """Where the files are."""
    environment: Mapping[str, str]
    client: httpx.Client

    def type(self, command: str) -> str:
        """Run a line in a shell, and return it as a terminal shows it, with what it printed."""
        ended = subprocess.run(
            ["sh", "-c", f"{command} 2>&1"],
            env=self.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=LONG_S,
            check=False,
        )
        return f"$ {command}\n{ended.stdout}"

    def register(self, user: str, target: str, *, source: str = "source", options: str = "") -> dict[str, object]:
        """Write the record of a sync as the frontend does, and return the body of its submit."""
        where = {"src": str(self.root / source), "dst": str(self.root / target), "options": options}
        task_id = asyncio.run(_register(self.environment["DMS_REDIS_WRITE_URL"], user, where))
        return {"task_id": task_id, "service": "sync", "user_id": user, "parameters": where}

    def submit(self, body: Mapping[str, object]) -> httpx.Response:
        """Submit as the frontend does."""
        return self.client.post("/tasks/task", json=body)

    def sync(self, user: str, target: str, **changes: str) -> str:
        """Register and submit a sync, and return its id."""
        body = self.register(user, target, **changes)
        answer = self.submit(body)
        assert answer.status_code == 202, answer.text
        return str(body["task_id"])

    def ids(self, status: str, **wanted: str) -> list[str]:
        """Return the ids of the tasks with this status, up to a thousand."""
        query = {"status": status, "limit": "1000", **wanted}
        answer = self.client.get("/admin/tasks", params=query, headers={"X-Operator-Token": TOKEN})
        return [task["task_id"] for task in answer.json()["tasks"]]


def until(look: Callable[[], T], accept: Callable[[T], bool]) -> T:
    """Look until what is seen is accepted: nothing tells when a screen, or a list, has changed."""
    deadline = time.monotonic() + LONG_S
    while not accept(seen := look()):
        assert time.monotonic() < deadline, seen
        time.sleep(LOOK_S)
    return seen


@contextmanager
def open_site(root: Path, home: Path) -> Iterator[Site]:
    """Run the service as long as the context lasts. ``root`` holds what is moved, ``home`` what nobody is shown."""
    (home / "redis").mkdir()
    (home / "tokens").write_text(f"kim:{TOKEN}\n")
    redis = RedisServer(home / "redis", program=require_program("redis-server"))
    redis.start()
    try:
        with (
            _serving({**_settings(root, home), "DMS_REDIS_WRITE_URL": redis.url}, home / "log"),
            httpx.Client(base_url=URL, timeout=LONG_S, trust_env=False) as client,
        ):
            until(lambda: _is_ready(client), bool)
            yield Site(root, _environment(home, redis.url), client)
    finally:
        redis.kill()


@contextmanager
def _serving(settings: Mapping[str, str], log: Path) -> Iterator[None]:
    """Run the service. Its log goes to a file: a pipe that nobody reads would stop it when it is full."""
    with log.open("w") as output:
        process = subprocess.Popen(
            [*program.COMMAND, "serve"], env=program.environment(settings), stdout=output, stderr=subprocess.STDOUT
        )
        try:
            yield
        finally:
            process.terminate()
            process.wait(LONG_S)


def _is_ready(client: httpx.Client) -> bool:
    try:
        return client.get("/readyz").status_code == 200
    except httpx.TransportError:
        return False


async def _register(redis_url: str, user: str, parameters: Mapping[str, str]) -> str:
    endpoints = RedisEndpoints.open(redis_url)
    try:
        return await RedisRegistration(endpoints, SystemClock(UTC), TTL_S).register("sync", user, parameters)
    finally:
        await endpoints.close()


def _settings(root: Path, home: Path) -> Mapping[str, str]:
    return {
        "DMS_HOST": "127.0.0.1",
        "DMS_EXECUTOR": "local",
        "DMS_MOVER": "rsync",
        "DMS_RUN_AS": "service",
        "DMS_ALLOWED_ROOTS": str(root),
        "DMS_OPERATOR_TOKENS_FILE": str(home / "tokens"),
        "DMS_REPLICA": "node-7",
        "DMS_SLOTS": "2",
    }


def _environment(home: Path, redis_url: str) -> Mapping[str, str]:
    """Let ``dms-scheduler`` be found as it is where it is installed."""
    command = home / "dms-scheduler"
    command.write_text(f'#!/bin/sh\nexec {sys.executable} -c "from entrypoints.cli.main import main; main()" "$@"\n')
    command.chmod(0o755)
    return program.environment(
        {
            "PATH": f"{home}:{os.environ['PATH']}",
            "DMS_URL": URL,
            "DMS_OPERATOR_TOKEN": TOKEN,
            "DMS_REDIS_WRITE_URL": redis_url,
            "LANG": "C.UTF-8",
        }
    )
