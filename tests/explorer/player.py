"""Playing operations on a store, and what they answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NoReturn

from domain.ports import ConcurrentChange, QueueFull, Snapshot
from tests.explorer.stores import Operation, Ref, Stores


@dataclass(frozen=True, slots=True)
class Raised:
    """The store refused, in one of the ways that its port names."""

    error: type[ConcurrentChange | QueueFull]
    found: Snapshot | None = None
    """What stood instead, where the store told."""

    def again(self) -> NoReturn:
        """Raise it."""
        if self.error is ConcurrentChange:
            raise ConcurrentChange("as the store said", self.found)
        raise self.error("as the store said")


class Player:
    """Plays operations on one store, and keeps the answers, for later operations refer to the snapshots in them."""

    def __init__(self, stores: Stores) -> None:
        self.answers: list[object] = []
        self.stores = stores
        self._refs: dict[int, Ref] = {}

    async def play(self, operation: Operation) -> object:
        """Return the answer, in a form that can be compared with another store's."""
        answer: object
        try:
            answer = _comparable(await operation.play(self.stores, self.find))
        except (ConcurrentChange, QueueFull) as error:
            answer = Raised(type(error), getattr(error, "found", None))
        number = len(self.answers)
        self.answers.append(answer)
        for place, snapshot in enumerate(snapshots_in(answer)):
            self._refs[id(snapshot)] = Ref(number, place)
        return answer

    def find(self, ref: Ref) -> Snapshot:
        """Return the snapshot that this store answered with."""
        return snapshots_in(self.answers[ref.operation])[ref.place]

    def ref(self, snapshot: Snapshot) -> Ref:
        """Return where a snapshot came from; it must be the very object."""
        return self._refs[id(snapshot)]


def snapshots_in(answer: object) -> Sequence[Snapshot]:
    """Return the snapshots of an answer, in order."""
    if isinstance(answer, Snapshot):
        return (answer,)
    if isinstance(answer, Raised):
        return () if answer.found is None else (answer.found,)
    if isinstance(answer, tuple):
        return [part for part in answer if isinstance(part, Snapshot)]
    return ()


def _comparable(answer: object) -> object:
    return tuple(answer) if isinstance(answer, list) else answer
