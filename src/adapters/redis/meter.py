"""What the clients here tell of their work, for whoever counts it: a port of this adapter."""

from __future__ import annotations

from typing import Protocol


class RedisMeter(Protocol):
    """Is told on the busiest path there is, so it does no I/O and never raises.

    An endpoint is ``write`` or ``read``.
    """

    def exchanged(self, endpoint: str, seconds: float) -> None:
        """A batch of commands was sent and all of it was answered, in so many seconds."""
        ...

    def failed(self, endpoint: str, kind: str) -> None:
        """A try of an operation failed; ``kind`` is one of :data:`adapters.redis.faults.KINDS`."""
        ...


class Unmetered:
    """A :class:`RedisMeter` that counts nothing."""

    def exchanged(self, endpoint: str, seconds: float) -> None: ...

    def failed(self, endpoint: str, kind: str) -> None: ...


UNMETERED: RedisMeter = Unmetered()
