"""What the executor is told from outside."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from domain.values import Priority


@dataclass(frozen=True, slots=True)
class TimeLimits:
    """How long work may take to get on. In seconds; 0 is without limit."""

    schedule_s: int = 3600
    """From its creation until its pods have nodes."""
    start_s: int = 600
    """From then until the mover runs: images are pulled and volumes mounted."""
    run_s: int = 7 * 86400
    """From then until it has ended."""


@dataclass(frozen=True, slots=True)
class KubernetesConfig:
    """Settings of the executor, all of them plain values."""

    templates: str
    """The directory of the templates."""
    mounts: Mapping[str, str]
    """Which volume claim holds which mount root (an absolute path)."""
    roots: tuple[str, ...] = ()
    """What tasks may touch lies below these paths, each of them within a mount; empty means all mounts."""
    kubeconfig: str = ""
    """Path of a kubeconfig; empty: the cluster that we run in, else what ``KUBECONFIG`` names."""
    namespace: str = ""
    """Where workloads are made; empty: the kubeconfig's, or the one that we run in."""
    accounts: str = ""
    """Path of a map file of users; empty: the accounts of this machine."""
    queues: Mapping[Priority, str] = field(default_factory=lambda: {Priority.HIGH: "high-q", Priority.LOW: "low-q"})
    """The engine's queue for each priority."""
    priority_classes: Mapping[Priority, str] = field(default_factory=dict)
    """``priorityClassName`` for each priority; what is not named gets none."""
    limits: TimeLimits = TimeLimits()
    keep_s: int = 3600
    """How long a workload is kept after its end. Its outcome can be found again for so long."""
