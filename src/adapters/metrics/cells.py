"""Numbers in memory that may be shared with other processes.

Counting is then an addition to a double: no lock, no call of a function. Layout: the number of bytes in use (8), then
for each row the length of its name (4), its width (4), its name, padded to 8 bytes, and its doubles.
"""

from __future__ import annotations

import mmap
import struct
from collections.abc import Iterator
from typing import TypeAlias

SIZE = 1 << 20
"""Bytes. Only pages that are in use take memory; all our labels together stay below a tenth of it."""

_USED = struct.Struct("=Q")
_HEAD = struct.Struct("=II")
_DOUBLE = 8

Row: TypeAlias = "memoryview[float]"
"""Doubles that are written in place: ``row[0] += 1.0``."""


class Cells:
    """Rows of doubles, each under a name. One process writes; others may read at any time."""

    def __init__(self, memory: mmap.mmap | None = None) -> None:
        """Take over what stands in ``memory``, whoever wrote it; None makes some that nobody else sees."""
        self._memory = memoryview(memory or mmap.mmap(-1, SIZE))
        self._end = max(_USED.size, _USED.unpack_from(self._memory)[0])
        self._rows = dict(rows_in(self._memory))

    def row(self, name: str, width: int) -> Row:
        """Return the row of this name, of zeros where it is new."""
        found = self._rows.get(name)
        if found is None:
            found = self._rows[name] = self._add(name.encode(), width)
        return found

    def rows(self) -> Iterator[tuple[str, Row]]:
        """Yield all rows with their names."""
        yield from list(self._rows.items())

    def _add(self, name: bytes, width: int) -> Row:
        begin = _padded(self._end + _HEAD.size + len(name))
        end = begin + width * _DOUBLE
        _HEAD.pack_into(self._memory, self._end, len(name), width)
        self._memory[self._end + _HEAD.size : self._end + _HEAD.size + len(name)] = name
        self._end = end
        _USED.pack_into(self._memory, 0, end)  # last, so that nobody reads a row that is not complete
        return self._memory[begin:end].cast("d")


def rows_in(memory: memoryview) -> Iterator[tuple[str, Row]]:
    """Yield the rows that stand in ``memory`` by now."""
    place, used = _USED.size, _USED.unpack_from(memory)[0]
    while place < used:
        length, width = _HEAD.unpack_from(memory, place)
        name = bytes(memory[place + _HEAD.size : place + _HEAD.size + length])
        begin = _padded(place + _HEAD.size + length)
        place = begin + width * _DOUBLE
        yield name.decode(), memory[begin:place].cast("d")


def _padded(place: int) -> int:
    return -(-place // _DOUBLE) * _DOUBLE
