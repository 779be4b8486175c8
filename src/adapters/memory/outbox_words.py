"""Notifications that wait, in this process's memory."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from heapq import nsmallest

from application.outbox import MOST_WAITING
from domain.notifications import Notification


@dataclass(frozen=True, slots=True)
class Word:
    """A notification that waits. Times in seconds, by the clock that is given in."""

    notification: Notification
    written_at: float
    due: float
    tries: int = 0


@dataclass(slots=True)
class Lane:
    """What waits for one receiver."""

    words: dict[str, Word] = field(default_factory=dict)
    """By the notification's id."""
    dropped: int = 0
    failure: str = ""
    failed_at: float = 0.0


class OutboxWords:
    """What :class:`~adapters.memory.outbox.MemoryOutbox` shows."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._lanes: defaultdict[str, Lane] = defaultdict(Lane)

    def add(self, notification: Notification) -> None:
        """Let it wait, unless it finds no room."""
        lane, now = self._lanes[notification.route], self._monotonic()
        if len(lane.words) >= MOST_WAITING:
            lane.dropped += 1
            return
        lane.words[notification.id] = Word(notification, now, now)

    def due(self, route: str, most: int) -> list[Word]:
        """Return up to ``most`` of what is due, the longest due first. Looks at all that waits on the route."""
        now = self._monotonic()
        due = (word for word in self._lanes[route].words.values() if word.due <= now)
        return nsmallest(most, due, key=lambda word: word.due)

    def try_now(self, word: Word, hold_s: float) -> Word:
        """Note one more try, with nothing to be done for ``hold_s`` seconds, and return the word as it is now."""
        held = replace(word, due=self._monotonic() + hold_s, tries=word.tries + 1)
        self._lanes[word.notification.route].words[word.notification.id] = held
        return held

    def put_off(self, notification: Notification, tries: int, pause_s: float) -> None:
        """Let it be due later, if it is at this try still."""
        words = self._lanes[notification.route].words
        word = words.get(notification.id)
        if word is not None and word.tries == tries:
            words[notification.id] = replace(word, due=self._monotonic() + pause_s)

    def remove(self, notification: Notification) -> None:
        """Forget it."""
        self._lanes[notification.route].words.pop(notification.id, None)

    def note_failure(self, route: str, failure: str) -> None:
        """Remember why the latest try that failed did so."""
        lane = self._lanes[route]
        lane.failure, lane.failed_at = failure, self._monotonic()

    def lane(self, route: str) -> Lane:
        """Return what is known of a route."""
        return self._lanes[route]

    def now(self) -> float:
        """Return the moment, in seconds."""
        return self._monotonic()

    def become(self, other: OutboxWords) -> None:
        """Hold what the other one holds."""
        self._lanes = defaultdict(
            Lane, {route: replace(lane, words=dict(lane.words)) for route, lane in other._lanes.items()}
        )
