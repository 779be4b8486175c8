"""Every interleaving of actors at their steps, or a sample of them, on one thread and without I/O."""

from tests.frontend.interleaving.choices import (
    Choices,
    Diverged,
    Redundant,
    TooMany,
    explore,
    replay,
    sample,
)
from tests.frontend.interleaving.clock import VirtualClock
from tests.frontend.interleaving.driver import Interleaver, Stuck

__all__ = [
    "Choices",
    "Diverged",
    "Interleaver",
    "Redundant",
    "Stuck",
    "TooMany",
    "VirtualClock",
    "explore",
    "replay",
    "sample",
]
