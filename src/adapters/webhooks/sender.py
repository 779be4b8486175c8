"""One POST: signed, within a bound, followed nowhere."""

from __future__ import annotations

import asyncio
import logging
import ssl
from collections.abc import Mapping
from urllib.parse import urlsplit

import httpcore2

from adapters.webhooks.network import CheckedNetwork, ForbiddenAddress
from adapters.webhooks.signing import Signer
from application.outbox import Delivery, Result
from domain.notifications import Notification
from domain.ports import Clock

log = logging.getLogger(__name__)

WITHIN_S = 10.0
"""A receiver that has not answered by then has not heard; it should take the word first, and work afterwards."""

ALLOW_SETTING = "DMS_WEBHOOK_ALLOW_PRIVATE"


class SendWebhook:
    """Implements :class:`application.outbox.Deliverer`.

    Every try has a connection of its own, so that its address is checked anew. Only the status is read of the answer;
    redirects are not followed, no proxy is used, and cookies are not kept.
    """

    def __init__(
        self,
        receivers: Mapping[str, str],
        signer: Signer,
        clock: Clock,
        *,
        allow_private: bool = False,
        within_s: float = WITHIN_S,
        tls: ssl.SSLContext | None = None,
        user_agent: str = "dms-scheduler",
    ) -> None:
        """Take the URL of each route. ``tls``: None trusts whom this machine trusts."""
        self._receivers = receivers
        self._signer = signer
        self._clock = clock
        self._within_s = within_s
        self._user_agent = user_agent
        self._pool = httpcore2.AsyncConnectionPool(
            ssl_context=tls,
            max_connections=None,  # the callers are bounded, receiver by receiver
            max_keepalive_connections=0,
            network_backend=CheckedNetwork(allow_private=allow_private),
        )

    async def close(self) -> None:
        """Close all connections."""
        await self._pool.aclose()

    async def __call__(self, notification: Notification) -> Delivery:
        url = self._receivers[notification.route]
        try:
            async with asyncio.timeout(self._within_s):
                status = await self._post(url, notification)
        except ForbiddenAddress as error:
            return Delivery(Result.FORBIDDEN, f"{_host(url)}: {error}; see {ALLOW_SETTING}")
        except (TimeoutError, httpcore2.TimeoutException):
            return Delivery(Result.TIMED_OUT, f"{_host(url)}: no answer within {self._within_s:g} s")
        except (httpcore2.NetworkError, httpcore2.ProtocolError, OSError) as error:
            return Delivery(Result.UNREACHABLE, f"{_host(url)}: {_words(error)}")
        if 200 <= status < 300:
            return Delivery(Result.DELIVERED)
        note = ", and redirects are not followed" if 300 <= status < 400 else ""
        return Delivery(Result.ANSWERED, f"{_host(url)}: it answered {status}{note}")

    async def _post(self, url: str, notification: Notification) -> int:
        body = notification.body.encode()
        headers = [
            ("Host", urlsplit(url).netloc),
            ("Content-Type", "application/json"),
            ("User-Agent", self._user_agent),
            ("Connection", "close"),
            *self._signer.headers(notification.id, int(self._clock.now().timestamp()), body).items(),
        ]
        limits = {"connect": self._within_s, "read": self._within_s, "write": self._within_s}
        request = self._pool.stream("POST", url, headers=headers, content=body, extensions={"timeout": limits})
        async with request as response:
            return response.status


def _host(url: str) -> str:
    """Return what of a URL may be shown: its path may hold a password."""
    return urlsplit(url).hostname or ""


def _words(error: Exception) -> str:
    text = str(error) or type(error).__name__
    return " ".join(text.split())[:200]
