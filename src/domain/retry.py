"""When a transient failure is tried again: exponential backoff with jitter, capped and counted (design §4)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

MOST_OWNERS_LOST = 10
"""Work whose scheduler was lost this often may be what brings schedulers down: it is not run again."""


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How often and how late. Times in seconds."""

    max_retries: int = 5
    base_s: float = 2.0
    cap_s: float = 300.0

    def delay(self, failures: int, jitter: float) -> timedelta | None:
        """Return how long to wait after the ``failures``-th failure (1 for the first), or None to give up.

        ``jitter`` in [0, 1) spreads tasks that failed together over the upper half of the backoff.
        """
        if failures > self.max_retries:
            return None
        # The exponent is bounded before the power is taken, so that no count of failures overflows.
        backoff = min(self.cap_s, self.base_s * 2.0 ** min(failures - 1, 60))
        return timedelta(seconds=backoff * (0.5 + jitter / 2))
