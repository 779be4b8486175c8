"""The calls that processes got, whether or not an answer to them reached anybody."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from tests.simulation.loop import Life


@dataclass(slots=True, eq=False)
class Call:
    """A call from when a process got it."""

    what: str
    task_id: str
    life: Life
    began_s: float
    at_s: float = math.inf
    """When the process was done with it: it answered, or died."""
    status: int = 0
    """What it answered; 0 until then, and where it died before."""
    body: str = ""

    @property
    def was_refused(self) -> bool:
        """Whether it was answered that nothing had been done, for a reason that stays."""
        return self.status in (403, 404, 409)


class Calls:
    """All calls of a run, by task (by user where they are about one)."""

    def __init__(self) -> None:
        self._by_id: dict[str, list[Call]] = defaultdict(list)

    def begins(self, what: str, about: str, life: Life, now_s: float) -> Call:
        """Note that a process got a call."""
        call = Call(what, about, life, now_s)
        self._by_id[about].append(call)
        return call

    def of(self, about: str, *whats: str) -> Iterator[Call]:
        """Yield the calls of these kinds, in the order in which they came."""
        return (call for call in self._by_id.get(about, ()) if call.what in whats)

    def answered(self) -> Iterator[Call]:
        """Yield all calls that a process has answered."""
        return (call for calls in self._by_id.values() for call in calls if call.status)
