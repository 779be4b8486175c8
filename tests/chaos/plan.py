"""Which faults come when, and to whom: all of it follows from the seed."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from tests.chaos.shape import Shape

QUIET_S = 3.0
"""Nothing happens for so long at the beginning, so that there is work to disturb."""


class Kind(StrEnum):
    """What can go wrong."""

    KILL = "scheduler killed (-9)"
    END = "scheduler ended (TERM)"
    FREEZE = "scheduler frozen for less than its lease"
    FREEZE_LONG = "scheduler frozen for longer than its lease"
    CUT = "scheduler's connections to Redis cut"
    DELAY = "replies of Redis delayed"
    LOSE = "answer of Redis lost"
    SILENCE = "scheduler and Redis silent to one another"
    STOP_REDIS = "Redis restarted (TERM)"
    KILL_REDIS = "Redis restarted (-9)"
    LOSE_REDIS = "Redis restarted (-9) without its last writes"
    REDIS_AWAY = "Redis away for longer than a submit waits"
    LAG = "read endpoint frozen"


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault. Times in seconds; ``at_s`` is from the start."""

    at_s: float
    kind: Kind
    replica: int
    lasts_s: float
    """How long it lasts; of what is started again, how long it stays away."""

    def __str__(self) -> str:
        return f"{self.at_s:.1f} s: {self.kind}, replica {self.replica}, {self.lasts_s:.2f} s"


FULL: Mapping[Kind, int] = {
    Kind.KILL: 24,
    Kind.END: 4,
    Kind.FREEZE: 6,
    Kind.FREEZE_LONG: 6,
    Kind.CUT: 12,
    Kind.DELAY: 6,
    Kind.LOSE: 30,
    Kind.SILENCE: 6,
    Kind.STOP_REDIS: 2,
    Kind.KILL_REDIS: 2,
    Kind.REDIS_AWAY: 1,
    Kind.LAG: 4,
}

SHORT: Mapping[Kind, int] = {
    Kind.KILL: 4,
    Kind.END: 1,
    Kind.FREEZE: 1,
    Kind.FREEZE_LONG: 1,
    Kind.CUT: 2,
    Kind.DELAY: 1,
    Kind.LOSE: 6,
    Kind.SILENCE: 1,
    Kind.KILL_REDIS: 1,
    Kind.LAG: 1,
}

FAIL_OVERS: Mapping[Kind, int] = {
    Kind.LOSE_REDIS: 6,
    Kind.CUT: 6,
    Kind.DELAY: 3,
    Kind.LOSE: 12,
    Kind.FREEZE: 3,
    Kind.LAG: 2,
}
"""No scheduler dies in these: what Redis has lost is known to somebody, and so must come back."""

FEW_FAIL_OVERS: Mapping[Kind, int] = {Kind.LOSE_REDIS: 2, Kind.CUT: 1, Kind.LOSE: 3}

RESTARTS: Mapping[Kind, int] = {Kind.STOP_REDIS: 5, Kind.KILL_REDIS: 5}


def make_plan(dice: random.Random, shape: Shape, wanted: Mapping[Kind, int], replicas: int) -> list[Fault]:
    """Spread so many faults of each kind over the run, in the order in which they come."""
    faults = [
        Fault(dice.uniform(QUIET_S, shape.span_s), kind, dice.randrange(replicas), _lasts(dice, kind, shape))
        for kind, count in wanted.items()
        for _ in range(count)
    ]
    return sorted(faults, key=lambda fault: fault.at_s)


def _lasts(dice: random.Random, kind: Kind, shape: Shape) -> float:
    store_lease_s = shape.lease_s + shape.kill_grace_s
    match kind:
        case Kind.KILL | Kind.END:
            return dice.choice((0.0, 0.5, 2.0)) * dice.random()
        case Kind.FREEZE:
            return dice.uniform(0.2, 0.9 * shape.lease_s)
        case Kind.FREEZE_LONG:
            return dice.uniform(store_lease_s + 0.5, store_lease_s + 2.5)
        case Kind.SILENCE:
            return dice.uniform(0.5, store_lease_s + 2.0)
        case Kind.STOP_REDIS | Kind.KILL_REDIS:
            return dice.uniform(0.0, 1.0)
        case Kind.LOSE_REDIS:
            return dice.uniform(0.2, 1.0)
        case Kind.REDIS_AWAY:
            return dice.uniform(8.2, 9.8)
        case _:
            return dice.uniform(0.3, 1.5)
