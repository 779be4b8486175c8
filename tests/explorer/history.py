"""What happened in one run, as text for people and as a key that tells runs apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tests.explorer.saying import said, told
from tests.explorer.stores import Operation


@dataclass(frozen=True, slots=True)
class Entry:
    """One operation. `lost`: the store did it, and whoever asked did not hear of it."""

    who: str
    operation: Operation
    answer: object
    lost: bool = False

    def __str__(self) -> str:
        lost = "  (the answer gets lost)" if self.lost else ""
        return f"{self.who:<9} {said(self.operation):<66} -> {told(self.answer)}{lost}"


@dataclass(frozen=True, slots=True)
class Remark:
    """What happened beside the store, such as the start of work."""

    who: str
    text: str

    def __str__(self) -> str:
        return f"{self.who:<9} {self.text}"


History = Sequence[Entry | Remark]


def entries(history: History) -> list[Entry]:
    """Return the operations alone."""
    return [each for each in history if isinstance(each, Entry)]


def key_of(history: History) -> str:
    """Return the same text for two histories that ask a store for the same."""
    return "\n".join(repr(entry.operation) for entry in entries(history))


def shown(history: History) -> str:
    """Return a history to be read, a line for each operation."""
    lines = []
    number = 0
    for each in history:
        if isinstance(each, Entry):
            lines.append(f"{number:>4}  {each}")
            number += 1
        else:
            lines.append(f"      {each}")
    return "\n".join(lines)
