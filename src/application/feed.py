"""The feed of changes: a history that every process reads, and in which every place has a name."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from domain.errors import Refused
from domain.feed import TaskChange

FEED_KEPT = 10_000
"""How many of the latest changes can be asked for again; a store may keep some more."""

_PLACE = re.compile(r"([0-9a-f]{8})-(0|[1-9][0-9]{0,15})-(0|[1-9][0-9]{0,15})\Z")


class InvalidPlace(Refused):
    """A text is not the name of a place in any feed."""

    def __init__(self) -> None:
        super().__init__("Last-Event-ID is not the id of an event; leave it out to begin with what happens now")


@dataclass(frozen=True, slots=True, order=True)
class FeedPlace:
    """Right behind one change. Places of one server are in order; those of two have nothing to do with each other."""

    server: str
    """Eight hexadecimal digits for one server's history: one that takes over may lack the end of it."""
    number: int
    part: int = 0

    def __str__(self) -> str:
        return f"{self.server}-{self.number}-{self.part}"

    @classmethod
    def parse(cls, text: str) -> FeedPlace:
        """Return the place with this name. Raises InvalidPlace."""
        found = _PLACE.match(text)
        if found is None:
            raise InvalidPlace
        return cls(found[1], int(found[2]), int(found[3]))

    def is_behind(self, other: FeedPlace) -> bool:
        """Whether what leads to ``other`` has been told by the time that this place is reached."""
        return self.server == other.server and self >= other


@dataclass(frozen=True, slots=True)
class FeedEntry:
    """A change, and the place that it leads to."""

    place: FeedPlace
    change: TaskChange


@dataclass(frozen=True, slots=True)
class FeedBegan:
    """Changes are told from this place on. Where others were told before, some in between may be missing."""

    place: FeedPlace


@dataclass(frozen=True, slots=True)
class FeedGrew:
    """The next changes, at least one, in their order and without a gap."""

    entries: Sequence[FeedEntry]


FeedNews = FeedBegan | FeedGrew
