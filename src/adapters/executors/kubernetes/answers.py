"""Reading what the API server answers when it does not do what it was asked."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from typing import Any

import httpx2
from lightkube.core.exceptions import ConfigError

from adapters.executors.kubernetes.problems import ApiFault, NeverSent

LONGEST_WAIT_S = 300.0
"""A server that asks us to wait for longer is asked again after this."""


def fault_of(response: httpx2.Response) -> ApiFault:
    """Return what an answer that reports an error says. Its body has been read."""
    status: object = None
    with contextlib.suppress(ValueError):
        status = response.json()
    found = status if isinstance(status, Mapping) and status.get("kind") == "Status" else {}
    message = str(found.get("message") or "") or f"HTTP {response.status_code} {response.reason_phrase}"
    return ApiFault(response.status_code, str(found.get("reason") or ""), message, _retry_after(response, found))


def fault_in_stream(status: Mapping[str, Any]) -> ApiFault:
    """Return what the ``Status`` in a watch's ``ERROR`` event says."""
    return ApiFault(int(status.get("code") or 500), str(status.get("reason") or ""), str(status.get("message") or ""))


def no_answer(error: Exception) -> ApiFault:
    """Return the fault of a request that got no answer, not all of it, or none that can be read."""
    message = f"{type(error).__name__}: {error}".rstrip(": ")
    if isinstance(error, httpx2.ConnectError | httpx2.ConnectTimeout | httpx2.PoolTimeout | ConfigError | OSError):
        return NeverSent(message)
    return ApiFault(0, "NoAnswer", message)


def _retry_after(response: httpx2.Response, status: Mapping[str, Any]) -> float | None:
    """Return the seconds to wait: the header's, else those in the ``Status``."""
    details = status.get("details")
    given = response.headers.get("Retry-After") or (details or {}).get("retryAfterSeconds")
    try:
        return None if given is None else max(0.0, min(float(given), LONGEST_WAIT_S))
    except ValueError:
        return None  # a date, which API servers do not send
