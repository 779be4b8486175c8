"""The service among its peers."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import cast

from redis import Redis

from adapters.redis import keys
from benchmarks.loads import PARAMETERS, register
from benchmarks.peers.contestants import Sent, expect
from benchmarks.service import HOST, Measured, measured_service
from benchmarks.submitter import submit_all
from tests.support.redis_server import RedisServer


@dataclass(slots=True)
class Ours:
    """The service, and a client that submits tasks over HTTP. Their records are written before the round."""

    service: Measured
    _ended: int = 0

    @property
    def redis(self) -> RedisServer:
        return self.service.redis

    @property
    def workers(self) -> Sequence[int]:
        return [self.service.process_id]

    @contextmanager
    def round(self, tasks: int, concurrency: int) -> Iterator[Callable[[], Sent]]:
        ids = asyncio.run(register(self.service, tasks))
        with self.redis.client() as redis:
            self._ended = redis.zcard(keys.ENDED)

        def send() -> Sent:
            began, cpu = time.monotonic(), time.process_time()
            submits = asyncio.run(submit_all(HOST, self.service.port, ids, PARAMETERS, concurrency))
            if submits.refused:
                raise RuntimeError(f"{submits.refused} submits were refused")
            return Sent(began, time.process_time() - cpu)

        yield send
        with self.redis.client() as redis:
            documents = cast("list[str]", redis.mget([f"task:{task_id}" for task_id in ids]))
        expect(tasks, sum(json.loads(document)["status"] == "completed" for document in documents))

    def left(self, redis: Redis, tasks: int) -> int:
        return self._ended + tasks - redis.zcard(keys.ENDED)


@contextmanager
def ours(workers: int, concurrency: int) -> Iterator[Ours]:
    """Run the service."""
    with measured_service("--workers", str(workers), DMS_SLOTS=str(concurrency)) as service:
        yield Ours(service)
