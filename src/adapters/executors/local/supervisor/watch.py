"""When a worker must be signalled: a pure rule over the scheduler's commands and the time."""

from __future__ import annotations

import signal
from typing import Literal

ORPHAN_GRACE_S = 0.5
"""Seconds between TERM and KILL when the scheduler is gone: enough for a mover to remove its temporary files."""


class Watch:
    """The scheduler's lease and its wishes. Instants are seconds of the shared clock (see :mod:`.job`)."""

    def __init__(self, term_at: float, kill_at: float, grace_s: float) -> None:
        self.cause: Literal["", "stop", "lease", "orphan"] = ""
        self._term_at, self._lease_ends = term_at, kill_at
        self._grace_s = grace_s
        self._last_call: float | None = None
        self._sent: signal.Signals | None = None

    def renew(self, term_at: float, kill_at: float) -> None:
        """The lease was extended. It does not take back a TERM, and an older renewal changes nothing."""
        self._term_at = max(self._term_at, term_at)
        self._lease_ends = max(self._lease_ends, kill_at)

    def stop(self, now: float) -> None:
        """The scheduler wants the end of the work."""
        self._end("stop", now, self._grace_s)

    def orphaned(self, now: float) -> None:
        """The scheduler is gone."""
        self._end("orphan", now, ORPHAN_GRACE_S)

    def due(self, now: float) -> signal.Signals | None:
        """Return the signal to send now, each at most once: TERM first where there is time for it."""
        if not self.cause and now >= self._term_at:
            self.cause = "lease"
            self._last_call = self._lease_ends
        if now >= self._kill_at():
            wanted = signal.SIGKILL
        elif self.cause:
            wanted = signal.SIGTERM
        else:
            return None
        if self._sent in (wanted, signal.SIGKILL):
            return None
        self._sent = wanted
        return wanted

    def next_due(self) -> float | None:
        """Return when :meth:`due` has something new to say unless a command comes before; None: never more."""
        if self._sent is signal.SIGKILL:
            return None
        return self._kill_at() if self.cause else min(self._term_at, self._kill_at())

    def _end(self, cause: Literal["stop", "orphan"], now: float, grace_s: float) -> None:
        self.cause = self.cause or cause
        latest = now + grace_s
        self._last_call = latest if self._last_call is None else min(self._last_call, latest)

    def _kill_at(self) -> float:
        # A stop does not outlive the lease: another owner may begin then.
        return self._lease_ends if self._last_call is None else min(self._last_call, self._lease_ends)
