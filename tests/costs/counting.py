"""Counting what Python does in a block: no clock has a part in it, so a busy machine does not change it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import memray


@dataclass
class Count:
    """Filled when the block ends."""

    number: int = 0


@contextmanager
def calls_counted() -> Iterator[Count]:
    """Count calls of functions that are written in Python, and resumptions of coroutines."""
    count = Count()

    def note(frame: object, event: str, argument: object) -> None:
        count.number += event == "call"

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        yield count
    finally:
        sys.setprofile(before)


@contextmanager
def allocations_counted(directory: Path) -> Iterator[Count]:
    """Count allocations of memory, by Python's own allocator too. The directory takes a large file for a while."""
    count, notes = Count(), directory / "allocations"
    with memray.Tracker(notes, trace_python_allocators=True):
        yield count
    count.number = memray.FileReader(notes).metadata.total_allocations
    notes.unlink()
