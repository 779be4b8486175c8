"""Bugs in who runs next."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import Any

from adapters.memory import MemoryDispatchQueue, MemoryTaskStore, lane, ledgers
from domain.dispatch import Limits, Queued, place_of
from domain.ports import Snapshot
from domain.task import Task
from tests.simulation.mutations.patching import replaced, wrapped


def limits_are_not_counted() -> AbstractContextManager[None]:
    """As many tasks of a user or service run as there are slots."""

    def wrap(claim: Any) -> Any:
        async def unlimited(
            self: MemoryDispatchQueue, owner: str, nonces: Sequence[str], limits: Limits, lease_s: float
        ) -> Sequence[Snapshot]:
            claimed: Sequence[Snapshot] = await claim(self, owner, nonces, Limits(), lease_s)
            return claimed

        return unlimited

    return wrapped(MemoryDispatchQueue, "claim", wrap)


def retries_do_not_wait() -> AbstractContextManager[None]:
    """A task may be claimed before its `retry_at`."""

    def at_once(task: Task) -> Any:
        place = place_of(task)
        return replace(place, not_before=None) if isinstance(place, Queued) else place

    return replaced(ledgers, "place_of", at_once)


def users_take_no_turns() -> AbstractContextManager[None]:
    """Among users with as many tasks at work, age decides, however often a user was served."""

    def wrap(rank: Any) -> Any:
        return lambda self, user_id, standing: rank(self, user_id, replace(standing, served=0))

    return wrapped(lane.Lane, "rank", wrap)


def blocks_are_not_looked_at() -> AbstractContextManager[None]:
    """A block that comes between a submit's load and its commit does not keep it out."""
    return replaced(MemoryTaskStore, "_check_admitted", lambda self, task_id, admission: None)
