"""Very many tasks that wait, and what else may be there in great numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from adapters.redis import keys
from adapters.redis.endpoints import RedisEndpoints
from tests.redis.crowd import let_wait
from tests.redis.desk import Desk

MANY_USERS = 10_000
LOG_LINES = 10
BATCH = 500


@dataclass(frozen=True, slots=True)
class Crowd:
    """What is on one server."""

    waiting: int
    users: int = 1
    blocked: int = 0
    at_work: int = 0
    log_lines: int = LOG_LINES
    """Of each record that is submitted beside the crowd."""

    @property
    def is_plain(self) -> bool:
        """Whether only the number of tasks and users is unusual."""
        return self == Crowd(self.waiting, self.users)

    def __str__(self) -> str:
        also = [
            f"{self.blocked:,} users blocked" if self.blocked else "",
            f"{self.at_work:,} at work" if self.at_work else "",
            f"{self.log_lines:,} log lines"
            if self.log_lines != Crowd.__dataclass_fields__["log_lines"].default
            else "",
        ]
        return ", ".join(filter(None, [f"{self.waiting:,} of {self.users:,} users", *also]))

    async def gather(self, endpoints: RedisEndpoints) -> float:
        """Put all of it on an empty server, and return the bytes there for each task that waits, beside its record."""
        desk = Desk(endpoints)
        empty = await _used(endpoints)
        await let_wait(desk, self.waiting + self.at_work, users=min(self.users, self.waiting))
        size = (await _used(endpoints) - empty) / (self.waiting + self.at_work)
        for _ in range(0, self.at_work, BATCH):
            await desk.claim(BATCH)
        for first in range(0, self.blocked, BATCH):
            await _block(endpoints, [f"blocked-{number}" for number in range(first, first + BATCH)])
        return size


def crowds(sizes: Sequence[int], beside: int) -> Sequence[Crowd]:
    """Return crowds of each size and, beside the smallest, the variants."""
    smallest = min(sizes)
    return [
        *(Crowd(size, users) for size in sizes for users in (1, MANY_USERS)),
        Crowd(smallest, blocked=10 * beside),
        Crowd(smallest, at_work=beside),
        Crowd(smallest, log_lines=beside),
    ]


async def _used(endpoints: RedisEndpoints) -> int:
    return int((await endpoints.write.info("memory"))["used_memory"])


async def _block(endpoints: RedisEndpoints, users: Sequence[str]) -> None:
    await endpoints.write.sadd(keys.BLOCKED_USERS, *users)
    await endpoints.write.mset({keys.block_key(user): "1" for user in users})
