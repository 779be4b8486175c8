"""Thousands of waiting tasks at once: copies of one that was accepted, written with the keys that commits write."""

from redis.asyncio import Redis

from tests.redis.desk import TTL_MS, Desk

FIRST_ID = 1_000_000
LANE = "low:sync"
PREFIX = "dms:scheduler:"
BATCH = 2_000


async def let_wait(desk: Desk, number: int, *, users: int, records: bool = False) -> None:
    """Let tasks wait, the users taking turns. Begin with an empty server.

    Without ``records`` only the first task has one: who reconciles the others takes them for deleted.
    """
    await desk.accept(str(FIRST_ID), user_id="user-0")
    template = await desk.redis.get(f"{PREFIX}task:{FIRST_ID}")
    assert isinstance(template, bytes)
    header, _, body = template.partition(b"\n")
    assert header.split(b" ")[1:] == [b"1", b"0", b"-", b"-"]
    record = await desk.raw(str(FIRST_ID)) if records else None
    for first in range(1, number, BATCH):
        await _write(desk.redis, body, record, range(first, min(first + BATCH, number)), users)
    await desk.redis.hset(f"{PREFIX}counts", mapping={"seq": number, f"waiting:{LANE}": number})


async def _write(redis: Redis, body: bytes, record: bytes | None, numbers: range, users: int) -> None:
    async with redis.pipeline(transaction=False) as pipeline:
        for number in numbers:
            task_id, order, user = FIRST_ID + number, number + 1, f"user-{number % users}"
            pipeline.set(f"{PREFIX}task:{task_id}", b"1 %d 0 - -\n%b" % (order, _copied(body, task_id, user)))
            if record is not None:
                pipeline.set(f"task:{task_id}", _copied(record, task_id, user), px=TTL_MS)
            pipeline.zadd(f"{PREFIX}queue:{LANE}:{user}", {str(task_id): order})
            pipeline.zadd(f"{PREFIX}live", {str(task_id): 0})
            if number < users:
                pipeline.hset(f"{PREFIX}user:{user}", LANE, str(order))
                pipeline.zadd(f"{PREFIX}ready:{LANE}", {f"{order:016d}:{order:016d}:{user}": 0})
        await pipeline.execute()


def _copied(text: bytes, task_id: int, user: str) -> bytes:
    return text.replace(b"user-0", user.encode()).replace(str(FIRST_ID).encode(), str(task_id).encode())
