"""The drain policy: an operator lets all replicas, or one, claim nothing more.

Running work goes on to its end, nothing is cancelled, and submits are still accepted. A task whose replica was lost is
taken over all the same, so that a cancel of it reaches somebody: work that can be found again goes on, other work goes
back to the queue, where it waits with the rest.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from domain.errors import Refused

MOST_DRAINED = 1000
"""Replicas drained by name at once. The names of pods change with each, and a drain outlasts its replica."""


@dataclass(frozen=True, slots=True)
class Drains:
    """Every drain in force: the model that the stores are held to."""

    everything: bool = False
    """Whether all replicas are drained, those that are yet to start among them."""
    replicas: frozenset[str] = frozenset()
    """Replicas that are drained by name. A drain of all, and its end, leave these as they are."""

    def with_everything(self, drained: bool) -> Drains:
        """Drain all replicas, or let all go on that are not drained by name."""
        return replace(self, everything=drained)

    def with_replica(self, name: str, drained: bool) -> Drains:
        """Drain one replica, or let it go on."""
        return replace(self, replicas=self.replicas | {name} if drained else self.replicas - {name})

    def hold_all(self, names: frozenset[str]) -> bool:
        """Whether none of these replicas claims anything, though there may be some."""
        return self.everything or (bool(names) and names <= self.replicas)

    def holds(self, name: str) -> bool:
        """Whether the replica of this name claims nothing."""
        return self.everything or name in self.replicas


@dataclass(frozen=True, slots=True)
class Presence:
    """What one process says of itself. Several processes of a machine are one replica by name."""

    owner: str
    """Names the process in leases; another one after each start."""
    replica: str
    """Names the replica to operators; the same after a restart."""
    slots: int
    """Tasks that it runs at once."""
    at_work: int
    """Tasks that it runs now."""
    draining: bool
    """Whether it has heard that it is to claim nothing."""


class UnknownReplica(Refused):
    """No process of this name is there, so draining it would do nothing until one comes."""

    def __init__(self, name: str, present: frozenset[str]) -> None:
        there = f"there are: {', '.join(sorted(present))}" if present else "none has reported yet"
        super().__init__(f"no replica {name!a} is there; {there}")
        self.name = name


class TooManyDrained(Refused):
    """So many replicas are drained by name that most of them must be long gone."""

    def __init__(self) -> None:
        super().__init__(f"{MOST_DRAINED} replicas are drained by name already; resume those that are gone for good")


def check_room(drains: Drains, name: str) -> None:
    """Raise :class:`TooManyDrained` if one more drain by name is one too many."""
    if name not in drains.replicas and len(drains.replicas) >= MOST_DRAINED:
        raise TooManyDrained
