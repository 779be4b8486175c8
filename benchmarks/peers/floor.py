"""What HTTP alone costs: Litestar on uvicorn, and a handler that reads a submit and answers it without doing anything.

`python -m benchmarks.peers.floor PORT` serves it.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import uvicorn
from litestar import Litestar, post
from redis import Redis

from benchmarks.loads import PARAMETERS
from benchmarks.peers.contestants import Sent
from benchmarks.peers.environments import ROOT
from benchmarks.service import HOST, wait_until_answers
from benchmarks.submitter import submit_all
from tests.support.ports import free_port
from tests.support.redis_server import RedisServer


class Submit(msgspec.Struct):
    """A submit's body."""

    task_id: str
    service: str
    user_id: str
    parameters: dict[str, Any]


class Submitted(msgspec.Struct):
    """Its answer."""

    task_id: str


@post("/tasks/task", status_code=202)
async def submit(data: Submit) -> Submitted:
    """Do nothing."""
    return Submitted(data.task_id)


@dataclass(frozen=True, slots=True)
class Floor:
    """A round is so many requests, and a task has ended when its submit is answered. Redis is there for the form."""

    redis: RedisServer
    port: int
    process_id: int

    @property
    def workers(self) -> Sequence[int]:
        return [self.process_id]

    @contextmanager
    def round(self, tasks: int, concurrency: int) -> Iterator[Callable[[], Sent]]:
        def send() -> Sent:
            began, cpu = time.monotonic(), time.process_time()
            ids = map(str, range(tasks))
            submits = asyncio.run(submit_all(HOST, self.port, ids, PARAMETERS, concurrency))
            if submits.refused:
                raise RuntimeError(f"{submits.refused} submits were refused")
            return Sent(began, time.process_time() - cpu)

        yield send

    def left(self, redis: Redis, tasks: int) -> int:
        return 0


@contextmanager
def floor() -> Iterator[Floor]:
    """Serve it, from one process."""
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="dms-benchmark-") as directory:
        redis = RedisServer(Path(directory))
        redis.start()
        process = subprocess.Popen([sys.executable, "-m", "benchmarks.peers.floor", str(port)], cwd=ROOT)
        try:
            wait_until_answers(process, port, "/")
            yield Floor(redis, port, process.pid)
        finally:
            process.kill()
            process.wait()
            redis.kill()


if __name__ == "__main__":
    app = Litestar([submit], openapi_config=None, logging_config=None)
    port = int(sys.argv[1])
    uvicorn.run(app, host=HOST, port=port, loop="uvloop", http="httptools", access_log=False, log_level="warning")
