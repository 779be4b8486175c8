"""What the benchmark needs of those that it compares."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from redis import Redis

from tests.support.redis_server import RedisServer


@dataclass(frozen=True, slots=True)
class Sent:
    """All tasks are with the contestant."""

    began: float
    """By the monotonic clock."""
    cpu_s: float
    """Of the client."""


class Contestant(Protocol):
    """A queue with workers, and a client that fills it."""

    @property
    def redis(self) -> RedisServer:
        """Its server, which nobody else uses."""
        ...

    @property
    def workers(self) -> Sequence[int]:
        """The processes that do the work, without those that they have started."""
        ...

    def round(self, tasks: int, concurrency: int) -> AbstractContextManager[Callable[[], Sent]]:
        """Get all ready, and yield what sends the tasks. Raises RuntimeError afterwards if not all have ended well."""
        ...

    def left(self, redis: Redis, tasks: int) -> int:
        """Return how many of the round's tasks, all of which are sent, have not ended: at the cost of one command."""
        ...


def expect(wanted: object, found: object) -> None:
    """Raise RuntimeError where they differ."""
    if found != wanted:
        raise RuntimeError(f"{wanted!r} was expected of a contestant, not {found!r}")
