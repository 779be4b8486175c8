"""What a workload and its pods mean for the task: it goes on, it is done, or it has failed. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from adapters.executors.kubernetes.board import newest_first
from adapters.executors.kubernetes.config import TimeLimits
from adapters.executors.kubernetes.kinds import Phase
from adapters.executors.kubernetes.kinds.base import LAUNCHERS
from adapters.executors.kubernetes.objects import Pod, Workload

MOST_PODS_SHOWN = 100


@dataclass(frozen=True, slots=True)
class Parts:
    """A workload's pods: those whose log is for people, the newest first, and the others."""

    launchers: tuple[Pod, ...]
    others: tuple[Pod, ...]

    @property
    def all(self) -> tuple[Pod, ...]:
        """Both."""
        return (*self.launchers, *self.others)

    @property
    def have_succeeded(self) -> bool:
        """Whether the newest launcher has ended well, which ends the work whatever becomes of the workload."""
        return bool(self.launchers) and self.launchers[0].phase == "Succeeded"


def parts_of(workload: Workload, pods: Iterable[Pod]) -> Parts:
    """Tell launchers from other pods."""
    ordered = newest_first(pods)
    launchers = [pod for pod in ordered if not workload.launcher or _launches(pod, workload.launcher)]
    return Parts(tuple(launchers), tuple(pod for pod in ordered if pod not in launchers))


def _launches(pod: Pod, launcher: str) -> bool:
    return pod.role == launcher or pod.role.lower() in LAUNCHERS


def pod_status(pods: Iterable[Pod]) -> str | None:
    """Return a line ``<pod>: <phase>`` per pod (contract §6), None where there is none."""
    lines = [f"{pod.name}: {pod.phase}" for pod in sorted(pods, key=lambda pod: pod.name)]
    more = [f"… and {len(lines) - MOST_PODS_SHOWN} more pods"] if len(lines) > MOST_PODS_SHOWN else []
    return "\n".join([*lines[:MOST_PODS_SHOWN], *more]) or None


@dataclass(frozen=True, slots=True)
class Limit:
    """What work has to do within a time. ``what`` is ``schedule``, ``start`` or ``run``."""

    what: str
    limit_s: int
    at: datetime | None
    """When the time began to run; None where nobody has told."""

    def left_s(self, now: datetime) -> float | None:
        """Return the seconds that are left, negative when it is passed; None without limit."""
        if not self.limit_s or self.at is None:
            return None
        return self.limit_s - (now - self.at).total_seconds()


def next_limit(workload: Workload, parts: Parts, limits: TimeLimits) -> Limit:
    """Return the limit that work has before it now, by the cluster's own times."""
    if workload.condition.phase.is_over:
        return Limit("none", 0, None)
    started = [pod.started_at for pod in parts.launchers if pod.started_at is not None]
    if started:
        return Limit("run", limits.run_s, min(started))
    if parts.launchers and all(pod.is_placed for pod in parts.all):
        placed = [at for pod in parts.all if (at := pod.placed_at or pod.created_at) is not None]
        return Limit("start", limits.start_s, max(placed, default=None))
    return Limit("schedule", limits.schedule_s, workload.created_at)


def has_succeeded(workload: Workload, parts: Parts, *, is_gone: bool) -> bool:
    """Whether the work is done."""
    return workload.condition.phase is Phase.SUCCEEDED or (is_gone and parts.have_succeeded)
