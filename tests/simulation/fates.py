"""What may become of a call to a port."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import Literal

from tests.simulation.decisions import Weights

CLIENT_TIMEOUT_S = 2.0
"""So long a store's client waits for an answer (``RedisEndpoints``)."""


@dataclass(frozen=True, slots=True)
class Fate:
    """How long a call is on its way, whether it is done and answered, and what happens to its process meanwhile."""

    name: str
    way_s: float = 0.0
    """From the process to the server."""
    back_s: float = 0.0
    """From the server to the process."""
    done: bool = True
    answered: bool = True
    strikes: Literal[
        "", "kill before", "kill at once", "kill after", "freeze before", "freeze after", "freeze, cut off"
    ] = ""


_PACES = ((0.001, 0.001), (0.005, 0.001), (0.001, 0.01), (0.03, 0.002), (0.002, 0.05), (0.15, 0.01), (0.01, 0.25))
_SLOW = ((0.6, 0.02), (0.02, 0.9), (1.7, 0.1))

FATES = (
    Fate("at once"),
    *(Fate(f"takes {way * 1000:g} + {back * 1000:g} ms", way, back) for way, back in (*_PACES, *_SLOW)),
    Fate("refused", back_s=0.002, done=False, answered=False),
    Fate("never arrives", back_s=CLIENT_TIMEOUT_S, done=False, answered=False),
    Fate("done, and its answer lost at once", way_s=0.002, back_s=0.003, answered=False),
    Fate("done, and its answer lost", way_s=0.002, back_s=CLIENT_TIMEOUT_S, answered=False),
    Fate("done after its client gave up", way_s=1.8 * CLIENT_TIMEOUT_S, back_s=CLIENT_TIMEOUT_S, answered=False),
    Fate("killed before it", strikes="kill before"),
    Fate("killed while it is under way", way_s=0.004, strikes="kill at once"),
    Fate("killed after it", way_s=0.002, strikes="kill after"),
    Fate("frozen before it", way_s=0.001, strikes="freeze before"),
    Fate("frozen after it", way_s=0.001, back_s=0.001, strikes="freeze after"),
    Fate("frozen after it, and cut off soon after", way_s=0.001, back_s=0.001, strikes="freeze, cut off"),
)
AT_ONCE = FATES[0]
FIRST_SLOW = 1 + len(_PACES)
FIRST_ERROR = FIRST_SLOW + len(_SLOW)
FIRST_STRIKE = FIRST_ERROR + 5


@dataclass(frozen=True)
class Storm:
    """How likely the fates are in one seed."""

    of_calls: Weights
    of_holders: Weights
    """Whether a process that just got or renewed a lease goes on, or else is killed, frozen, or frozen and cut off."""


def stormy(dice: Random) -> Storm:
    """In some seeds nothing fails, in others much does, and seldom all of it."""
    plain = dice.choice((3.0, 10.0, 30.0))
    slow = dice.choice((0.0, 0.2, 1.0))
    errors = dice.choice((0.0, 0.0, 0.1, 0.5, 1.5))
    kills = dice.choice((0.0, 0.0, 0.01, 0.05))
    freezes = dice.choice((0.0, 0.0, 0.01, 0.05))
    holders = dice.choice((0.0, 0.0, 0.03, 0.1))
    fates = [
        plain,
        *[1.0] * len(_PACES),
        *[slow] * len(_SLOW),
        *(errors * dice.choice((0.0, 1.0)) for _ in range(FIRST_STRIKE - FIRST_ERROR)),
        *[kills] * 3,
        *[freezes] * 3,
    ]
    return Storm(
        Weights(fates),
        Weights([1.0, holders, holders, 3 * holders]),
    )


_CALM = Weights([12.0] + [1.0] * len(_PACES) + [0.0] * (len(FATES) - FIRST_SLOW))
CALM = Storm(_CALM, Weights([1.0]))
"""Calls take some time, and that is all."""

CUT_OFF_S = 9.0
"""Longer than what the store waits."""
CUT_OFF_AFTER_S = (0.0, 0.02, 0.3)
"""After it goes on again."""

FREEZES_S = (0.4, 1.5, 2.9, 3.5, 4.2, 6.0, 9.0)
"""Shorter than a lease, longer than a lease but not than what the store waits, and longer than both."""
