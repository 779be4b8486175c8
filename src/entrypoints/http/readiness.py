"""Whether this replica can do its work, and what is missing."""

from __future__ import annotations

from typing import Protocol

from application.restoring import RestoreLedgers
from application.scheduler import Scheduler
from application.watching import WatchRecords
from domain.ports import Clock, StoreUnavailable
from entrypoints.http.patience import Patience

PROBE_S = 3.0
"""A probe that takes longer tells so instead of what is missing."""

WATCH_BLIND = "changes by others are not seen as they happen; sweeps find them within seconds"
STORE_REPLACED = "Redis was restarted or failed over: nothing is claimed until every owner has told what it holds"


class StoreProbe(Protocol):
    """Asks the store's servers whether they answer."""

    async def __call__(self) -> tuple[str, ...]:
        """Return what does not answer, in words; nothing when all is well."""
        ...


class Readiness:
    """Ready means: the store answers, and what was left from before the start has been taken over.

    A watch that is not proved is a warning only: sweeps stand in for it, and no replica would be better off.
    """

    def __init__(
        self, probe: StoreProbe, scheduler: Scheduler, watch: WatchRecords, restore: RestoreLedgers, clock: Clock
    ) -> None:
        self._probe = probe
        self._scheduler = scheduler
        self._watch = watch
        self._restore = restore
        self._patience = Patience(clock, PROBE_S)

    async def missing(self) -> tuple[str, ...]:
        """Return what keeps this replica from its work, in words."""
        try:
            away = await self._patience.bounded(self._probe)
        except StoreUnavailable as error:
            away = (str(error),)
        return (*away, *self._scheduler.missing)

    @property
    def warnings(self) -> tuple[str, ...]:
        """Return what makes the work slower, in words."""
        left_s = self._restore.window_left_s
        replaced = (f"{STORE_REPLACED}, for {left_s:.0f} s more",) if left_s else ()
        return replaced if self._watch.is_proved else (*replaced, WATCH_BLIND)
