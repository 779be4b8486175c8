"""The use case of asking how deliveries are doing."""

from __future__ import annotations

from collections.abc import Mapping

from application.notifying import NotifyOfEnds
from application.outbox import Backlog, Outbox


class TellBacklog:
    """Tell what waits for each receiver that this replica knows of, on all replicas together."""

    def __init__(self, outbox: Outbox, notify: NotifyOfEnds) -> None:
        self._outbox = outbox
        self._routes = sorted(notify.routes)

    async def __call__(self) -> Mapping[str, Backlog]:
        """Return it by route. Raises StoreUnavailable, unless there are no receivers: then nobody is asked."""
        return await self._outbox.backlog(self._routes) if self._routes else {}
