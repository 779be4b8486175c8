"""Playing a history again on another store, and where the two differ."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from domain.ports import QueueOverview, Snapshot
from tests.explorer.history import History, entries, shown
from tests.explorer.player import Player, snapshots_in
from tests.explorer.saying import told
from tests.explorer.stores import Stores


async def difference(history: History, on: Stores) -> str:
    """Play all operations in their order on an empty store; return where it first answers otherwise, empty if never."""
    player = Player(on)
    for number, entry in enumerate(entries(history)):
        answer = await player.play(entry.operation)
        if answer != entry.answer:
            return "\n".join(
                (
                    f"operation {number} is answered otherwise:",
                    f"  by the memory store: {told(entry.answer)}",
                    f"  by the other store:  {told(answer)}",
                    *(f"    {line}" for line in _unequal(entry.answer, answer)),
                    shown(history),
                )
            )
    return ""


def _unequal(expected: object, found: object) -> Iterator[str]:
    """Yield the fields that differ, for they need not be among those that are shown."""
    if isinstance(expected, QueueOverview) and isinstance(found, QueueOverview):
        yield f"{expected!r} and {found!r}"
    pairs: Sequence[tuple[Snapshot, Snapshot]] = list(zip(snapshots_in(expected), snapshots_in(found), strict=False))
    for one, other in pairs:
        for of in ("task", "record"):
            left, right = getattr(one, of), getattr(other, of)
            if left is None or right is None or left == right:
                continue
            for name in type(left).__slots__:
                if getattr(left, name) != getattr(right, name):
                    yield f"{of} {one.task_id}, {name}: {getattr(left, name)!r} and {getattr(right, name)!r}"
