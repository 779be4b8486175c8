"""What a block of a test costs the server, by the server's own count."""

from collections import Counter
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import cast

from redis.asyncio import Redis


@dataclass
class Cost:
    """Filled when the block ends."""

    commands: Counter[str] = field(default_factory=Counter)
    """How often each command was called; those inside of scripts are among them."""
    reads: int = 0
    """How often the server read from a connection: about the number of round trips."""
    bytes: int = 0
    """Both ways."""

    @property
    def total(self) -> int:
        return self.commands.total()


@asynccontextmanager
async def counted(redis: Redis) -> AsyncIterator[Cost]:
    """Count what happens between the two looks, which are not counted themselves."""
    cost = Cost()
    before = await _look(redis)
    idle = await _look(redis)
    yield cost
    after = await _look(redis)
    cost.commands = +(after.commands - idle.commands)
    # One look lies between `before` and `idle`, and one between `idle` and `after`.
    cost.reads = (after.reads - idle.reads) - (idle.reads - before.reads)
    cost.bytes = (after.bytes - idle.bytes) - (idle.bytes - before.bytes)


async def _look(redis: Redis) -> Cost:
    commands = cast(Mapping[str, Mapping[str, int]], await redis.info("commandstats"))
    stats = cast(Mapping[str, int], await redis.info("stats"))
    calls = Counter({name.removeprefix("cmdstat_"): told["calls"] for name, told in commands.items()})
    del calls["info"], calls["ping"]  # a connection that was idle for long is asked whether it lives
    return Cost(calls, stats["total_reads_processed"], stats["total_net_input_bytes"] + stats["total_net_output_bytes"])
