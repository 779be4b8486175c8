"""Which claim or take-over each owner made last, so that it is known again when its answer got lost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

KEPT_S = 600.0
"""So long after its last call an owner is taken to be gone: leases of that time have long ended."""


@dataclass(frozen=True, slots=True)
class _Call:
    nonces: tuple[str, ...]
    task_ids: tuple[str, ...]
    at: float


class LastCalls:
    """Calls of one kind that leased something: the last one of each owner. Times are in seconds."""

    def __init__(self) -> None:
        self._calls: dict[str, _Call] = {}
        """By owner, those first whose call is the oldest."""

    def note(self, owner: str, nonces: Sequence[str], task_ids: Sequence[str], now: float) -> None:
        """Note what a call leased, and forget the owners that are gone."""
        self._calls.pop(owner, None)
        self._calls[owner] = _Call(tuple(nonces), tuple(task_ids), now)
        while self._calls[oldest := next(iter(self._calls))].at < now - KEPT_S:
            del self._calls[oldest]

    def leased_by(self, owner: str, nonces: Sequence[str]) -> Sequence[str] | None:
        """Return the ids of the tasks that this very call has leased before; None where it is another call."""
        call = self._calls.get(owner)
        return call.task_ids if call is not None and call.nonces == tuple(nonces) else None

    def become(self, other: LastCalls) -> None:
        """Know what the other one knows."""
        self._calls = dict(other._calls)
