"""A Redis server that becomes another one, which has what was saved and lacks all later writes."""

from collections.abc import Mapping

from redis.asyncio import Redis

Saved = Mapping[bytes, tuple[bytes, int]]
"""Each key's value, as DUMP gives it, and when it expires, in ms since the epoch; negative for never."""

NOBODY = ("127.0.0.1", "1")
"""Where no server is: nothing is copied from there."""


async def read_all(redis: Redis) -> Saved:
    """Return what the server holds."""
    names = [name async for name in redis.scan_iter(count=1000)]
    async with redis.pipeline(transaction=True) as pipeline:
        for name in names:
            pipeline.dump(name)
            pipeline.pexpiretime(name)
        found = await pipeline.execute()
    values = zip(names, found[::2], found[1::2], strict=True)
    return {name: (dump, expires) for name, dump, expires in values if dump is not None}


async def replace_server(redis: Redis, saved: Saved) -> None:
    """Give the server another identity and other data, at once.

    A master that was a replica for a moment has another replication id: to clients it is another server.
    """
    names = [name async for name in redis.scan_iter(count=1000)]
    async with redis.pipeline(transaction=True) as pipeline:
        pipeline.replicaof(*NOBODY)
        pipeline.replicaof("NO", "ONE")
        for name in names:
            pipeline.delete(name)
        for name, (dump, expires) in saved.items():
            pipeline.restore(name, max(expires, 0), dump, replace=True, absttl=True)
        await pipeline.execute()
