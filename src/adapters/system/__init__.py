"""The machine's clock and randomness."""

from adapters.system.clock import SystemClock
from adapters.system.entropy import SystemEntropy

__all__ = ["SystemClock", "SystemEntropy"]
