"""What kind of service a run has: how many replicas, which limits, which executor."""

from __future__ import annotations

from dataclasses import dataclass

from application.settings import Lifetimes, SchedulerConfig
from domain.dispatch import Limits
from domain.retry import RetryPolicy
from tests.simulation.decisions import Decisions

LIFETIMES = Lifetimes(
    lease_s=3.0, kill_grace_s=1.0, shutdown_grace_s=1.0, poll_s=0.5, report_s=0.4, lost_sweep_s=1.5, sweep_s=15.0
)
RETRIES = RetryPolicy(max_retries=3, base_s=0.5, cap_s=2.0)


@dataclass(frozen=True)
class Shape:
    """All that is settled before a run begins."""

    replicas: int
    slots: int
    limits: Limits
    most_waiting: int
    most_requests: int
    outlives: bool
    """Whether work outlives its scheduler."""
    lag: int
    """How many versions of a record the frontend's read endpoint may be behind."""

    @classmethod
    def of(cls, decisions: Decisions) -> Shape:
        """Decide."""

        def one_of(question: str, *ways: int | None) -> int | None:
            return ways[decisions.number(f"shape: {question}", len(ways))]

        per_user, per_service = one_of("per user", None, None, 1, 2), one_of("per service", None, None, 1, 2, 3)
        return cls(
            replicas=one_of("replicas", 2, 3, 2, 3, 1) or 0,
            slots=one_of("slots", 4, 1, 2) or 0,
            limits=Limits(per_user, {"rm": 1} if per_service else {}, per_service),
            most_waiting=one_of("most waiting", 1000, 1000, 1000, 2) or 0,
            most_requests=one_of("most requests", 1000, 1000, 1000, 2) or 0,
            outlives=decisions.number("shape: outlives", 3) == 1,
            lag=one_of("lag", 0, 0, 1, 3) or 0,
        )

    def config(self, owner: str) -> SchedulerConfig:
        """Return what one process runs with."""
        return SchedulerConfig(
            owner,
            slots=self.slots,
            limits=self.limits,
            most_waiting=self.most_waiting,
            most_requests=self.most_requests,
            retry=RETRIES,
            lifetimes=LIFETIMES,
        )
