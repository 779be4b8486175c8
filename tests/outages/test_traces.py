"""A task's trace is known to whichever process works on it."""

from __future__ import annotations

import pytest

from adapters.redis.endpoints import RedisEndpoints
from adapters.redis.registration import RedisRegistration
from tests.executors.driving import CLOCK
from tests.http.service import TOKEN
from tests.outages.replica import replica
from tests.outages.stage import TTL_S, as_variables

TRACE = "0af7651916cd43dd8448eb211c80319c"
TRACEPARENT = f"00-{TRACE}-b7ad6b7169203331-01"


@pytest.mark.slow
async def test_who_takes_a_task_over_names_its_trace_too(redis_url: str) -> None:
    endpoints = RedisEndpoints.open(redis_url)
    parameters = {"src": "/a", "dst": "/b"}
    task_id = await RedisRegistration(endpoints, CLOCK, TTL_S).register("sync", "alice", parameters)
    await endpoints.close()
    body = {"task_id": task_id, "service": "sync", "user_id": "alice", "parameters": parameters}
    common = {"redis_write_url": redis_url, "executor": "placeholder", "operator_token": TOKEN, "kill_grace_seconds": 0}
    async with replica(as_variables({**common, "lease_seconds": 1, "placeholder_seconds": 3600})) as lost:
        await lost.submit(body, {"traceparent": TRACEPARENT})
        await lost.says("placeholder payload")
        (accepted,) = [line for line in await lost.says("request") if line["path"] == "/tasks/task"]
        lost.kill()
        await lost.ended()
    async with replica(as_variables({**common, "placeholder_seconds": 0})) as heir:
        told = [*await heir.says("task taken over"), *await heir.says("attempt over")]
    assert {line["trace_id"] for line in [accepted, *told]} == {TRACE}
    assert {line["task_id"] for line in told} == {task_id}
