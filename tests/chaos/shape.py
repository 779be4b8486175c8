"""How large a run is."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """What users do, and for how long. Times in seconds."""

    tasks: int = 5000
    movers: int = 300
    """Tasks that really move or remove something; the others only leave evidence."""
    slowest_kbps: int = 30
    """The pace of the slowest copies. They then take 16 s: one that outlived its lease would meet the next attempt."""
    span_s: float = 110.0
    """Users submit and faults come over so long."""
    cancelled: float = 0.05
    """The share of tasks that their users cancel."""
    deleted: float = 0.01
    """The share of tasks that their users delete."""
    reprioritised: float = 0.05
    """The share of tasks whose priority an operator changes."""
    blocks: int = 6
    """How often an operator blocks somebody for a moment."""
    lease_s: float = 2.0
    kill_grace_s: float = 1.0
    limit_s: float = 300.0
    """The whole run takes no longer."""

    @property
    def stuck_s(self) -> float:
        """A service that gets nothing done for so long, though tasks are left, is stuck."""
        return self.lease_s + 5.0
