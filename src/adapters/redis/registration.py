"""Registering a task as the frontend does: record, metadata and indexes with their TTLs (contract §1, §2)."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from adapters.redis import keys
from adapters.redis.connections import pipeline_of
from adapters.redis.endpoints import RedisEndpoints
from domain.ports import Clock

METADATA_OUTLIVES_S = 60
"""The frontend cleans its indexes up with the metadata when the record has expired."""


class RedisRegistration:
    """Implements :class:`application.ports.Registration`."""

    def __init__(self, endpoints: RedisEndpoints, clock: Clock, ttl_s: int) -> None:
        self._redis = endpoints.write
        self._attempt = endpoints.attempt
        self._clock = clock
        self._ttl_s = ttl_s

    async def register(self, service: str, user_id: str, parameters: Mapping[str, object]) -> str:
        now = self._clock.now().isoformat()
        # An id that was given and not heard of stays unused.
        task_id = str(await self._attempt(lambda: self._redis.incr(keys.ID_SEQUENCE)))
        record = msgspec.json.encode(
            {
                "task_id": task_id,
                "service": service,
                "user_id": user_id,
                "status": "pending",
                "parameters": dict(parameters),
                "active_jobs": [],
                "created_at": now,
                "updated_at": now,
                "logs": [],
                "result": {"pod_status": None, "launcher_output": None},
                "priority": "low",
            }
        )
        await self._attempt(lambda: self._save(task_id, service, user_id, record))
        return task_id

    async def _save(self, task_id: str, service: str, user_id: str, record: bytes) -> None:
        name, ttl_s = keys.record_key(task_id), self._ttl_s
        async with pipeline_of(self._redis, transaction=True) as pipeline:
            pipeline.set(name, record, ex=ttl_s)
            pipeline.hset(f"{name}:metadata", mapping={"service": service, "user_id": user_id})
            pipeline.expire(f"{name}:metadata", ttl_s + METADATA_OUTLIVES_S)
            for index in (
                keys.RECORD_INDEX,
                f"index:service:{service}",
                f"index:service:{service}:user:{user_id}",
                f"index:user:{user_id}",
            ):
                pipeline.sadd(index, task_id)
                # Like the frontend's saves: an index outlives its records. But never shorten another task's time.
                pipeline.expire(index, ttl_s + METADATA_OUTLIVES_S, gt=True)
            users = f"index:service:{service}:users"
            pipeline.sadd(users, user_id)
            pipeline.expire(users, ttl_s + METADATA_OUTLIVES_S, gt=True)
            await pipeline.execute()
