"""Those who watch what happens: what each of them wants, and what waits for it, up to a bound."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from application.feed import FeedEntry, FeedPlace
from domain.feed import TaskChange
from domain.values import Priority

log = logging.getLogger(__name__)

MOST_WAITING = 1_000
"""Events that wait for one consumer. One that lets more come than that reads too slowly."""

MOST_WAITING_BYTES = 512 * 1024
"""The same in bytes. Consumers share them: they are kept once, however many they wait for."""


class EventKind(StrEnum):
    """What a consumer can ask for."""

    TASK = "task"
    PROGRESS = "progress"
    QUEUE = "queue"


@dataclass(frozen=True, slots=True)
class QueueCounts:
    """How many tasks wait and are at work, on all replicas."""

    waiting: Mapping[tuple[Priority, str], int]
    """Tasks that may be claimed, per priority and service."""
    delayed: int
    """Tasks that wait for the time of their retry."""
    at_work: Mapping[str, int]
    """Leased tasks per service."""


@dataclass(frozen=True, slots=True)
class Reset:
    """Something may be missing: the consumer must load anew what it shows. Events go on from this place."""

    place: FeedPlace


@dataclass(frozen=True, slots=True)
class Beat:
    """Nothing has happened that the consumer wants. ``place`` is how far that was looked at, if at all."""

    place: FeedPlace | None


Told = FeedEntry | QueueCounts | Reset | Beat

Render = Callable[[Told], bytes]
"""Writes an event as consumers read it; once, however many consumers there are."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a consumer wants to be told; None lets every task pass. Counts of the queue are of no task."""

    kinds: frozenset[str] = frozenset(EventKind)
    """Of :class:`EventKind`."""
    task_id: str | None = None
    user_id: str | None = None
    service: str | None = None

    def takes(self, change: TaskChange) -> bool:
        """Whether this change is to be told."""
        return (
            change.kind in self.kinds
            and self.task_id in (None, change.task_id)
            and self.user_id in (None, change.user_id)
            and self.service in (None, change.service)
        )


class Consumer:
    """One who watches. It is told in its own pace, and dropped where that is too slow."""

    def __init__(self, wanted: Wanted, since: FeedPlace | None, cut: Callable[[], None]) -> None:
        """Take what somebody wants.

        Args:
            wanted: what it is to be told.
            since: how far it was told over an earlier connection; None begins with what happens now.
            cut: ends its connection at once, whatever it has not read.
        """
        self.wanted = wanted
        self.since = since
        self.start: FeedPlace | None = None
        """What leads up to here it must be told from what is kept; None until the feed is followed."""
        self.has_ended = False
        self.is_dropped = False
        self.waiting_bytes = 0
        self._cut = cut
        self._told: FeedPlace | None = None
        self._waiting: deque[bytes] = deque()
        self._something = asyncio.Event()

    @property
    def waiting(self) -> int:
        """How many events wait for it."""
        return len(self._waiting)

    def begin(self, place: FeedPlace) -> None:
        """From now on it is told what leads on from ``place``, but nothing twice."""
        self.start = place
        self._told = self.since if self.since is not None and self.since.is_behind(place) else place
        self._something.set()

    def begin_anew(self) -> None:
        """It was told nothing before: what it came with is not known here."""
        self.since, self._told = None, self.start

    def awaits(self, entry: FeedEntry) -> bool:
        """Whether this is news to it, and wanted."""
        if self._told is None or self._told.is_behind(entry.place):
            return False
        return self.wanted.takes(entry.change)

    def reached(self, place: FeedPlace | None) -> FeedPlace | None:
        """Return how far it was told, where everybody was told up to ``place``."""
        if self._told is None or place is None:
            return None
        return self._told if self._told.is_behind(place) else place

    def put(self, text: bytes) -> None:
        """Tell it something; where too much waits, it is dropped."""
        if self.has_ended:
            return
        self._waiting.append(text)
        self.waiting_bytes += len(text)
        self._something.set()
        if len(self._waiting) > MOST_WAITING or self.waiting_bytes > MOST_WAITING_BYTES:
            self._drop()

    async def take(self) -> bytes:
        """Wait until there is something to tell, and return all of it; nothing where it has begun or ended."""
        await self._something.wait()
        self._something.clear()
        text = b"".join(self._waiting)
        self._forget()
        return text

    def end(self) -> None:
        """Tell it nothing more."""
        self.has_ended = True
        self._forget()
        self._something.set()

    def _drop(self) -> None:
        log.warning("a consumer of events reads too slowly and is dropped", extra={"waiting": len(self._waiting)})
        self.is_dropped = True
        self.end()
        self._cut()

    def _forget(self) -> None:
        self._waiting.clear()
        self.waiting_bytes = 0
