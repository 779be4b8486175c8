"""A bound on how fast tokens can be guessed."""

from __future__ import annotations

from collections import OrderedDict, deque

from domain.ports import Clock

MOST_WRONG = 5
WITHIN_S = 60.0

MOST_ADDRESSES = 1000
"""Beyond these the address that was wrong least lately is forgotten, so that memory stays bounded."""


class WrongTokens:
    """Counts the wrong tokens of each address, by one process: with several replicas as many more pass."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._moments: OrderedDict[str, deque[float]] = OrderedDict()

    def wait_s(self, address: str) -> float:
        """Return for how long no token from this address is looked at, be it right or wrong."""
        moments = self._moments.get(address)
        if moments is None or len(moments) < MOST_WRONG:
            return 0.0
        return max(0.0, moments[0] + WITHIN_S - self._clock.monotonic())

    def note(self, address: str) -> None:
        """One more token was wrong."""
        moments = self._moments.setdefault(address, deque(maxlen=MOST_WRONG))
        moments.append(self._clock.monotonic())
        self._moments.move_to_end(address)
        if len(self._moments) > MOST_ADDRESSES:
            self._moments.popitem(last=False)

    def forget(self, address: str) -> None:
        """Its token was right."""
        self._moments.pop(address, None)
