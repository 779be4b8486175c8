"""A map from keys to ranks that always has the key of the lowest rank at hand."""

from __future__ import annotations

import heapq
from typing import Any, Generic, Protocol, TypeVar


class Comparable(Protocol):
    """What can be a rank."""

    def __lt__(self, other: Any, /) -> bool: ...


K = TypeVar("K")
R = TypeVar("R", bound=Comparable)


class RankedMap(Generic[K, R]):
    """Every change costs O(log n), amortised. Ties go to the lower key.

    The heap also holds entries that were overtaken by a later change. They are told apart by the map, and thrown
    away when they come to the top or outnumber the others.
    """

    def __init__(self) -> None:
        self._ranks: dict[K, R] = {}
        self._heap: list[tuple[R, K]] = []

    def __len__(self) -> int:
        return len(self._ranks)

    def __contains__(self, key: K) -> bool:
        return key in self._ranks

    def get(self, key: K) -> R | None:
        """Return a key's rank, None for a key that is not here."""
        return self._ranks.get(key)

    def set(self, key: K, rank: R) -> None:
        """Put a key in, or move it to another rank."""
        if key in self._ranks and self._ranks[key] == rank:
            return
        self._ranks[key] = rank
        heapq.heappush(self._heap, (rank, key))
        if len(self._heap) > 2 * len(self._ranks) + 16:
            self._rebuild()

    def discard(self, key: K) -> None:
        """Take a key out if it is here."""
        self._ranks.pop(key, None)

    def first(self) -> tuple[K, R] | None:
        """Return the key of the lowest rank, and its rank; None where nothing is left."""
        while self._heap:
            rank, key = self._heap[0]
            if key in self._ranks and self._ranks[key] == rank:
                return key, rank
            heapq.heappop(self._heap)
        return None

    def lowest(self, count: int) -> list[K]:
        """Return up to ``count`` keys by rank. Looks at every key."""
        return [key for _, key in heapq.nsmallest(count, ((rank, key) for key, rank in self._ranks.items()))]

    def count_below(self, limit: R) -> int:
        """Return how many keys have a lower rank. Looks at every key."""
        return sum(rank < limit for rank in self._ranks.values())

    def pop_up_to(self, limit: R) -> list[K]:
        """Take out every key whose rank is not above ``limit``, and return them by rank."""
        popped: list[K] = []
        while (entry := self.first()) is not None and not limit < entry[1]:
            popped.append(entry[0])
            self.discard(entry[0])
        return popped

    def copy(self) -> RankedMap[K, R]:
        """Return a map of its own with the same content."""
        copied: RankedMap[K, R] = RankedMap()
        copied._ranks, copied._heap = dict(self._ranks), list(self._heap)
        return copied

    def _rebuild(self) -> None:
        self._heap = [(rank, key) for key, rank in self._ranks.items()]
        heapq.heapify(self._heap)
