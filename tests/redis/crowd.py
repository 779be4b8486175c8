"""Thousands of waiting tasks at once: copies of one that was accepted, written with the keys that commits write."""

from redis.asyncio import Redis

from tests.redis.desk import Desk

FIRST_ID = 1_000_000
LANE = "low:sync"
PREFIX = "dms:scheduler:"
BATCH = 2_000


async def let_wait(desk: Desk, number: int, *, users: int) -> None:
    """Let tasks wait, the users taking turns. Begin with an empty server."""
    await desk.accept(str(FIRST_ID), user_id="user-0")
    template = await desk.redis.get(f"{PREFIX}task:{FIRST_ID}")
    assert isinstance(template, bytes)
    header, _, body = template.partition(b"\n")
    assert header.split(b" ")[1:] == [b"1", b"0", b"-", b"-"]
    for first in range(1, number, BATCH):
        await _write(desk.redis, body, range(first, min(first + BATCH, number)), users)
    await desk.redis.hset(f"{PREFIX}counts", mapping={"seq": number, f"waiting:{LANE}": number})


async def _write(redis: Redis, body: bytes, numbers: range, users: int) -> None:
    async with redis.pipeline(transaction=False) as pipeline:
        for number in numbers:
            task_id, order, user = FIRST_ID + number, number + 1, f"user-{number % users}"
            copied = body.replace(b"user-0", user.encode()).replace(str(FIRST_ID).encode(), str(task_id).encode())
            pipeline.set(f"{PREFIX}task:{task_id}", b"1 %d 0 - -\n%b" % (order, copied))
            pipeline.zadd(f"{PREFIX}queue:{LANE}:{user}", {str(task_id): order})
            pipeline.zadd(f"{PREFIX}live", {str(task_id): 0})
            if number < users:
                pipeline.hset(f"{PREFIX}user:{user}", LANE, str(order))
                pipeline.zadd(f"{PREFIX}ready:{LANE}", {f"{order:016d}:{order:016d}:{user}": 0})
        await pipeline.execute()
