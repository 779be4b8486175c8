"""Bugs in leases, fencing and take-over."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from typing import Any

from adapters.memory import MemoryDispatchQueue, MemoryTaskStore, ledgers
from application.attempts import Attempt
from application.dispatcher import Dispatcher
from application.held_task import HeldTask
from application.leases import KeepLeases, TakeOver
from application.settings import Lifetimes
from domain.dispatch import place_of
from domain.ports import Snapshot
from domain.task import Task
from domain.values import Lease, TaskStatus
from tests.simulation.mutations.patching import fixed, replaced, wrapped


def no_fence() -> AbstractContextManager[None]:
    """A stale owner's writes are taken."""
    return replaced(Task, "_fence", lambda self, token: None)


def commits_compare_nothing() -> AbstractContextManager[None]:
    """A commit overwrites whatever came since its load."""
    return replaced(MemoryTaskStore, "_check_unchanged", lambda self, before: None)


def tokens_do_not_change() -> AbstractContextManager[None]:
    """Every lease has the same fencing token."""
    return replaced(Lease, "token", property(lambda self: (1, "same")))


def renewed_from_the_answer() -> AbstractContextManager[None]:
    """A lease is counted from when the answer to its renewal came, not from before it was asked for."""

    def wrap(renewed: Any) -> Any:
        async def late(self: Attempt, until: float) -> None:
            tools = self._tools
            await renewed(self, tools.clock.monotonic() + tools.config.lifetimes.lease_s)

        return late

    return wrapped(Attempt, "renewed", wrap)


def claimed_from_the_answer() -> AbstractContextManager[None]:
    """A lease is counted from when the answer to its claim came."""

    def wrap(begin: Any) -> Any:
        def late(self: Attempt, snapshot: Snapshot, lease: Lease, until: float, tools: Any, *rest: Any) -> None:
            begin(self, snapshot, lease, tools.clock.monotonic() + tools.config.lifetimes.lease_s, tools, *rest)

        return late

    return wrapped(Attempt, "__init__", wrap)


def no_kill_grace() -> AbstractContextManager[None]:
    """The store lets a lease be taken over while the work that was stopped at its end may still be ending."""
    return replaced(Lifetimes, "store_lease_s", property(lambda self: self.lease_s))


@contextmanager
def claims_ignore_leases() -> Iterator[None]:
    """A claim takes a task that somebody holds and has not dispatched yet."""

    def waits(task: Task) -> Any:
        return place_of(replace(task, lease=None) if task.status is TaskStatus.PENDING else task)

    with replaced(ledgers, "place_of", waits), replaced(Task, "claim", lambda self, lease: replace(self, lease=lease)):
        yield


def renewals_ignore_owners() -> AbstractContextManager[None]:
    """A lost lease is told to be kept."""

    def wrap(renew: Any) -> Any:
        async def all_kept(self: MemoryDispatchQueue, leases: Any, lease_s: float) -> frozenset[str]:
            await renew(self, leases, lease_s)
            return frozenset()

        return all_kept

    return wrapped(MemoryDispatchQueue, "renew", wrap)


def leases_are_not_renewed() -> AbstractContextManager[None]:
    """Owners forget to renew."""

    async def nothing(self: KeepLeases) -> None:
        pass

    return replaced(KeepLeases, "__call__", nothing)


def lost_claims_are_forgotten() -> AbstractContextManager[None]:
    """A claim whose answer got lost is not repeated with its nonces."""
    return fixed(Dispatcher, "_unanswered", ())


def lost_take_overs_are_forgotten() -> AbstractContextManager[None]:
    """Nor is a take-over."""
    return fixed(TakeOver, "_unanswered", ())


def taken_over_while_at_work() -> AbstractContextManager[None]:
    """Whoever takes a task over runs it again beside the attempt that is open."""

    async def adopt(self: TakeOver, snapshot: Snapshot, until: float) -> None:
        assert snapshot.task is not None
        assert snapshot.task.lease is not None
        self._dispatcher.adopt(Attempt(snapshot, snapshot.task.lease, until, self._tools))

    return replaced(TakeOver, "_settle", adopt)


def stale_owners_stop_the_work() -> AbstractContextManager[None]:
    """A stale owner stops work that its new owner has found again."""
    return replaced(HeldTask, "goes_on_elsewhere", property(lambda self: False))
