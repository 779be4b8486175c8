"""What the use cases about work have in common."""

from __future__ import annotations

from dataclasses import dataclass

from application.ledger import Ledger
from application.meter import UNMETERED, Meter
from application.settings import SchedulerConfig
from domain.ports import Clock, Entropy, Executor


@dataclass(frozen=True, slots=True)
class Tools:
    """What every attempt of a process shares."""

    ledger: Ledger
    executor: Executor
    clock: Clock
    entropy: Entropy
    config: SchedulerConfig
    meter: Meter = UNMETERED
