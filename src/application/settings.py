"""The numbers that the use cases and loops need, each with its unit."""

from __future__ import annotations

from dataclasses import dataclass, field

from domain.dispatch import Limits
from domain.retry import RetryPolicy


@dataclass(frozen=True, slots=True)
class Lifetimes:
    """How long things hold. All in seconds."""

    lease_s: float = 15.0
    """Local work stops by itself this long after its owner's last renewal."""
    kill_grace_s: float = 2.0
    """How long work may take to stop; a take-over comes only after lease and grace, so it meets no survivor."""
    shutdown_grace_s: float = 5.0
    """How long a shutdown lets short work end by itself."""
    gather_s: float = 0.02
    """How long a claim waits for company, but after a lull. Tasks claimed together cost much less than one by one."""
    poll_s: float = 1.0
    """How often a dispatcher looks for work that nobody told it of, such as a retry that has become due."""
    report_s: float = 1.0
    """Progress reaches the ledger at most once in this time."""
    settle_s: float = 0.2
    """Changed records are collected for this long and read together."""
    lost_sweep_s: float = 1.5
    """While the watch is not proved, all live and recently ended tasks are compared this often."""
    sweep_s: float = 60.0
    """The same with a healthy watch."""
    recent_s: float = 600.0
    """A task that ended within this time counts as recently ended."""

    @property
    def store_lease_s(self) -> float:
        """When the store lets another owner take over: after the lease and the time that killed work may need to end.

        The store counts from when it was asked, the owner from before it asked, so the way between them costs nothing.
        """
        return self.lease_s + self.kill_grace_s

    @property
    def renew_s(self) -> float:
        """How often leases are renewed. A store that is silent for nearly as long again costs no lease."""
        return self.lease_s / 3


@dataclass(frozen=True, slots=True)
class SchedulerConfig:
    """What one replica runs with."""

    owner: str
    """Names this process in leases and logs; unique over all processes, also over a restart."""
    slots: int = 16
    """Tasks that this replica runs at once."""
    limits: Limits = field(default_factory=Limits)
    most_waiting: int = 1_000_000
    """Submits are refused while so many tasks wait."""
    most_requests: int = 1000
    """Submits and cancels under way at once in this process; more are refused."""
    retry: RetryPolicy = field(default_factory=RetryPolicy)
    lifetimes: Lifetimes = field(default_factory=Lifetimes)
    replica: str = ""
    """Names the replica to operators, also over a restart; the processes of one machine may share it."""
