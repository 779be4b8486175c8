"""Whole records in Redis or in a dictionary, for the naive scheduler."""

from __future__ import annotations

from redis.asyncio import Redis

from tests.frontend.standin.memory_records import MemoryRecords
from tests.frontend.standin.redis_records import record_key


class NaiveRedisRecords:
    """`GET` and `SET … KEEPTTL`."""

    def __init__(self, client: Redis) -> None:
        self._client = client

    async def get(self, task_id: str) -> bytes | None:
        document = await self._client.get(record_key(task_id))
        return document.encode() if isinstance(document, str) else document

    async def put(self, task_id: str, document: bytes) -> None:
        await self._client.set(record_key(task_id), document, keepttl=True)


class NaiveMemoryRecords:
    """The stand-in's own dictionary, from the other side."""

    def __init__(self, records: MemoryRecords) -> None:
        self._records = records

    async def get(self, task_id: str) -> bytes | None:
        return self._records.peek(task_id)

    async def put(self, task_id: str, document: bytes) -> None:
        self._records.put(task_id, document)
