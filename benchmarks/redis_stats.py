"""What a Redis server has done, by its own account."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from redis import Redis


@dataclass(frozen=True, slots=True)
class RedisWork:
    """Commands by name, those inside scripts included, and reads from sockets: round trips, where nothing is pipelined
    in pieces.
    """

    commands: Counter[str]
    reads: int

    def __sub__(self, other: RedisWork) -> RedisWork:
        difference = Counter(self.commands)
        difference.subtract(other.commands)
        return RedisWork(difference, self.reads - other.reads)

    @property
    def total(self) -> int:
        """All commands."""
        return sum(self.commands.values())


def redis_work(client: Redis) -> RedisWork:
    """Return the work since the server's start. One call costs one command and one read, which the next call sees."""
    info = client.info("everything")
    commands = {
        name.removeprefix("cmdstat_"): int(stats["calls"])
        for name, stats in info.items()
        if name.startswith("cmdstat_")
    }
    return RedisWork(Counter(commands), int(info["total_reads_processed"]))
