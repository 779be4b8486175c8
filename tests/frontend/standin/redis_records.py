"""Records in Redis, with the keys of the contract (§1)."""

from __future__ import annotations

from redis.asyncio import Redis

from tests.frontend.standin.document import Identity

RECORD_TTL_S = 7_776_000
METADATA_EXTRA_S = 60
SEQUENCE = "task:id:sequence"


def record_key(task_id: str) -> str:
    """The key of a record."""
    return f"task:{task_id}"


def metadata_key(task_id: str) -> str:
    """The key of the hash that outlives its record, for the cleaning of the indexes."""
    return f"task:{task_id}:metadata"


def index_keys(identity: Identity) -> tuple[str, ...]:
    """The sets that hold the task's id."""
    service, user_id = identity.service, identity.user_id
    return (
        "index:tasks",
        f"index:service:{service}",
        f"index:service:{service}:user:{user_id}",
        f"index:user:{user_id}",
    )


def users_key(service: str) -> str:
    """The set of a service's users."""
    return f"index:service:{service}:users"


class RedisRecords:
    """The frontend's way to Redis: two clients, which may be of one server or of a primary and its replica."""

    def __init__(self, write: Redis, read: Redis | None = None, *, ttl_s: int = RECORD_TTL_S) -> None:
        """`read` is the read endpoint; without one, the write endpoint serves the reads too."""
        self._write = write
        self._read = read if read is not None else write
        self._ttl_s = ttl_s

    async def next_id(self) -> str:
        return str(await self._write.incr(SEQUENCE))

    async def rewind_ids(self, last: int) -> None:
        """Set the counter back, as a restore or a fail-over does: the next id is `last` + 1, used before or not."""
        await self._write.set(SEQUENCE, last)

    async def read(self, task_id: str) -> bytes | None:
        return _as_bytes(await self._read.get(record_key(task_id)))

    async def write(self, identity: Identity, document: bytes) -> None:
        longer = self._ttl_s + METADATA_EXTRA_S
        metadata = metadata_key(identity.task_id)
        async with self._write.pipeline(transaction=True) as pipe:
            pipe.set(record_key(identity.task_id), document, ex=self._ttl_s)
            pipe.hset(metadata, mapping={"service": identity.service, "user_id": identity.user_id})
            pipe.expire(metadata, longer)
            for index in index_keys(identity):
                pipe.sadd(index, identity.task_id)
                pipe.expire(index, longer)
            pipe.sadd(users_key(identity.service), identity.user_id)
            pipe.expire(users_key(identity.service), longer)
            await pipe.execute()

    async def delete(self, identity: Identity) -> None:
        async with self._write.pipeline(transaction=True) as pipe:
            pipe.delete(record_key(identity.task_id), metadata_key(identity.task_id))
            for index in index_keys(identity):
                pipe.srem(index, identity.task_id)
            await pipe.execute()


def _as_bytes(value: str | bytes | None) -> bytes | None:
    return value.encode() if isinstance(value, str) else value
