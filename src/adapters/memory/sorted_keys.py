"""A set in order, for pages that go on behind a key even where that key has gone."""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterator
from typing import Generic, TypeVar

K = TypeVar("K", int, str)


class SortedKeys(Generic[K]):
    """Lookups cost O(log n). A change moves the keys behind it, a memory copy that is short for ids that grow."""

    def __init__(self) -> None:
        self._keys: list[K] = []

    def __contains__(self, key: K) -> bool:
        at = bisect_left(self._keys, key)
        return at < len(self._keys) and self._keys[at] == key

    def add(self, key: K) -> None:
        """Put a key in if it is not here."""
        if key not in self:
            insort(self._keys, key)

    def discard(self, key: K) -> None:
        """Take a key out if it is here."""
        at = bisect_left(self._keys, key)
        if at < len(self._keys) and self._keys[at] == key:
            del self._keys[at]

    def behind(self, key: K | None, limit: int) -> list[K]:
        """Return the next ``limit`` keys above ``key``, lowest first; from the lowest for None."""
        start = 0 if key is None else bisect_right(self._keys, key)
        return self._keys[start : start + limit]

    def downwards(self, below: K | None) -> Iterator[K]:
        """Yield the keys under ``below``, highest first; all of them for None."""
        at = len(self._keys) if below is None else bisect_left(self._keys, below)
        while at > 0:
            at -= 1
            yield self._keys[at]

    def copy(self) -> SortedKeys[K]:
        """Return a set of its own with the same content."""
        copied: SortedKeys[K] = SortedKeys()
        copied._keys = list(self._keys)
        return copied
