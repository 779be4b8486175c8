"""How long to wait before a server that failed is asked again."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field

BASE_S = 0.5
CAP_S = 30.0


@dataclass(slots=True)
class Backoff:
    """Doubles from :data:`BASE_S` to :data:`CAP_S`, spread by jitter; a server may ask for longer."""

    base_s: float = BASE_S
    cap_s: float = CAP_S
    jitter: Callable[[], float] = field(default=random.random)
    failures: int = 0

    def next_s(self, retry_after_s: float | None = None) -> float:
        """Return how long to wait after one more failure."""
        self.failures += 1
        pause_s: float = min(self.cap_s, self.base_s * 2.0 ** min(self.failures - 1, 30)) * (0.5 + self.jitter() / 2)
        return pause_s if retry_after_s is None else max(retry_after_s, pause_s)

    def reset(self) -> None:
        """It worked."""
        self.failures = 0
