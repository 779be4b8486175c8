"""The service under measurement: a process of its own, beside a Redis server of its own."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from pathlib import Path

from tests.support.ports import free_port
from tests.support.redis_server import RedisServer

HOST = "127.0.0.1"
TOKEN = "benchmark"
START_S = 30.0
_POLL_S = 0.05


@dataclass(frozen=True, slots=True)
class Measured:
    """A running service."""

    redis: RedisServer
    port: int
    process_id: int

    @property
    def base_url(self) -> str:
        """Where it listens."""
        return f"http://{HOST}:{self.port}"


@contextmanager
def measured_service(
    *options: str, prepare: Callable[[RedisServer], None] | None = None, **variables: str
) -> Iterator[Measured]:
    """Run `dms-scheduler serve` with the placeholder, which takes 0 s, and all other settings at their defaults.

    ``prepare`` may put something on the Redis server before the service starts.
    """
    with tempfile.TemporaryDirectory(prefix="dms-benchmark-") as directory:
        redis = RedisServer(Path(directory))
        redis.start()
        try:
            if prepare is not None:
                prepare(redis)
            yield from _serve(redis, options, variables)
        finally:
            redis.kill()


def _serve(redis: RedisServer, options: tuple[str, ...], variables: dict[str, str]) -> Iterator[Measured]:
    port = free_port()
    settings = {
        "DMS_REDIS_WRITE_URL": redis.url,
        "DMS_EXECUTOR": "placeholder",
        "DMS_PLACEHOLDER_SECONDS": "0",
        "DMS_OPERATOR_TOKEN": TOKEN,
        **variables,
    }
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("DMS_")}
    program = [sys.executable, "-c", "from entrypoints.cli.main import main; main()"]
    process = subprocess.Popen(
        [*program, "serve", "--host", HOST, "--port", str(port), *options],
        env={**inherited, **settings},
        stdout=subprocess.DEVNULL,
    )
    try:
        wait_until_answers(process, port, "/readyz", 200)
        yield Measured(redis, port, process.pid)
    finally:
        process.terminate()
        process.wait()


def wait_until_answers(process: subprocess.Popen[bytes], port: int, path: str, status: int = 404) -> None:
    """Return when the process answers a request so. Raises RuntimeError when it ends, or does not in time."""
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError("a server ended at its start; stderr says why")
        connection = HTTPConnection(HOST, port, timeout=5)
        try:
            connection.request("GET", path)
            if connection.getresponse().status == status:
                return
        except (OSError, HTTPException):
            pass
        finally:
            connection.close()
        time.sleep(_POLL_S)
    raise RuntimeError(f"a server was not ready within {START_S:g} s")
