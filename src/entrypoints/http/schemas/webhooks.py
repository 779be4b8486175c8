"""How operators see webhooks."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

from msgspec import Struct

from entrypoints.http.schemas.fields import described


class WebhookView(Struct, frozen=True):
    """One receiver, and what waits for it on all replicas together."""

    service: Annotated[
        str, described("The service whose ends it is told; `*` for all that have no receiver of their own.", "sync")
    ]
    host: Annotated[str, described("Its name; the rest of its URL may hold a password, and is not shown.", "a.example")]
    waiting: Annotated[int, described("Notifications that have not been delivered or given up.")]
    dropped: Annotated[int, described("How many found 10,000 waiting before them, and were dropped.")]
    last_failure: Annotated[
        str | None, described("Why the latest try that failed did so.", "a.example: it answered 500")
    ]
    last_failure_at: datetime | None


class Webhooks(Struct, frozen=True):
    """The receivers that this replica's settings name."""

    webhooks: Sequence[WebhookView]
