"""Having a workload deleted, for certain: asked for again until the API server has taken it."""

from __future__ import annotations

import logging

from adapters.executors.kubernetes.api import ClusterApi
from adapters.executors.kubernetes.backoff import Backoff
from adapters.executors.kubernetes.objects import Workload
from adapters.executors.kubernetes.problems import ApiFault
from adapters.executors.kubernetes.resources import resource_of
from domain.ports import Clock

log = logging.getLogger(__name__)


class Removal:
    """Deletes one very workload, pods first. Its end is told by the watches."""

    def __init__(self, api: ClusterApi, clock: Clock, backoff: Backoff) -> None:
        self._api = api
        self._clock = clock
        self._backoff = backoff
        self._again_at = 0.0
        self._is_taken = False
        self.found_nothing = False
        """Whether the workload is not there, or is another one of the same name by now."""

    @property
    def wait_s(self) -> float | None:
        """Seconds until it is to be asked for again, None where it was taken."""
        return None if self._is_taken else max(0.0, self._again_at - self._clock.monotonic())

    async def press_on(self, workload: Workload) -> None:
        """Ask, unless it was taken before or was asked for a moment ago."""
        if self._is_taken or self._clock.monotonic() < self._again_at:
            return
        try:
            await self._api.delete(resource_of(workload.kind), workload.name, workload.uid)
        except ApiFault as fault:
            if fault.code in (404, 409):  # 409: the precondition says that it is another object now
                self._is_taken = self.found_nothing = True
                return
            pause_s = self._backoff.next_s(fault.retry_after_s)
            self._again_at = self._clock.monotonic() + pause_s
            log.warning("a workload could not be deleted yet", extra={"job": workload.name, "reason": str(fault)})
        else:
            self._is_taken = True
