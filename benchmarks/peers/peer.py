"""Another queue: its worker and its client are processes in an environment of their own."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

from redis import Redis

from benchmarks.peers.contestants import Sent, expect
from benchmarks.peers.environments import ROOT
from benchmarks.peers.exchange import CHECK, GO, READY
from tests.support.redis_server import RedisServer

LEFT: Mapping[str, Callable[[Redis, int], int]] = MappingProxyType(
    {
        # A job leaves its set in the transaction that stores its end.
        "saq": lambda redis, _: redis.zcard("saq:default:incomplete"),
        "arq": lambda redis, _: redis.zcard("arq:queue"),
        # The database holds nothing but results.
        "celery": lambda redis, tasks: tasks - redis.dbsize(),
    }
)
"""Of the peers by name: how many of the tasks, all of which are sent, have not ended, at the cost of one command."""


@dataclass(slots=True)
class Peer:
    """What `with_NAME.py` runs."""

    name: str
    python: Path
    redis: RedisServer
    _processes: list[subprocess.Popen[str]] = field(default_factory=list)

    @property
    def workers(self) -> Sequence[int]:
        return [process.pid for process in self._processes]

    def start_worker(self, concurrency: int) -> None:
        """Start one more process."""
        self._processes.append(self._start("worker", self.redis.url, str(concurrency)))

    def stop_workers(self) -> None:
        """End all of them."""
        for process in self._processes:
            process.kill()
            process.wait()

    @contextmanager
    def round(self, tasks: int, concurrency: int) -> Iterator[Callable[[], Sent]]:
        with self.redis.client() as redis:
            redis.flushdb()
        client = self._start("client", str(tasks), self.redis.url, str(concurrency))
        try:
            expect(READY, _line(client))
            yield lambda: Sent(**json.loads(_answer(client, GO)))
            expect(tasks, json.loads(_answer(client, CHECK))["succeeded"])
        finally:
            client.kill()
            client.communicate()

    def left(self, redis: Redis, tasks: int) -> int:
        if any(process.poll() is not None for process in self._processes):
            raise RuntimeError(f"a worker of {self.name} has ended; stderr says why")
        return LEFT[self.name](redis, tasks)

    def _start(self, *arguments: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [str(self.python), "-m", f"benchmarks.peers.with_{self.name}", *arguments],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "ignore"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE if arguments[0] == "client" else subprocess.DEVNULL,
            text=True,
        )


@contextmanager
def peer(name: str, python: Path, workers: int, concurrency: int) -> Iterator[Peer]:
    """Run a peer's workers, beside a Redis server of its own."""
    with tempfile.TemporaryDirectory(prefix="dms-benchmark-") as directory:
        redis = RedisServer(Path(directory))
        redis.start()
        running = Peer(name, python, redis)
        try:
            for _ in range(workers):
                running.start_worker(concurrency)
            yield running
        finally:
            running.stop_workers()
            redis.kill()


def _answer(client: subprocess.Popen[str], word: str) -> str:
    assert client.stdin is not None
    client.stdin.write(f"{word}\n")
    client.stdin.flush()
    return _line(client)


def _line(client: subprocess.Popen[str]) -> str:
    assert client.stdout is not None
    if line := client.stdout.readline():
        return line.strip()
    raise RuntimeError("a client has ended too early; stderr says why")
