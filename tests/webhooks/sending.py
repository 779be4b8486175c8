"""Sending notifications to receivers of a test."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC
from typing import Any

from adapters.system import SystemClock
from adapters.webhooks import SendWebhook, Signer
from domain.notifications import DEFAULT_ROUTE, Notification
from tests.webhooks.receiver import SECRET

NOTIFICATION = Notification("dms_1_1_0123456789abcdef", DEFAULT_ROUTE, '{"type":"task.completed"}')

SOON_S = 0.2
"""For what can only be seen by waiting for it: no answer comes however long it is."""


@asynccontextmanager
async def sending(
    receivers: Mapping[str, str] | str, *, allow_private: bool = True, **options: Any
) -> AsyncIterator[SendWebhook]:
    """Open a sender to the URL of each route, or to one for all."""
    urls = {DEFAULT_ROUTE: receivers} if isinstance(receivers, str) else receivers
    sender = SendWebhook(urls, Signer([SECRET]), SystemClock(UTC), allow_private=allow_private, **options)
    try:
        yield sender
    finally:
        await sender.close()
