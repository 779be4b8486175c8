"""HTTP clients of servers on this machine."""

from __future__ import annotations

from typing import Any

import httpx


def local_client(**options: Any) -> httpx.AsyncClient:
    """Return a client that reads no settings of the machine's, and no certificates: that takes longer than a test."""
    return httpx.AsyncClient(trust_env=False, verify=False, **options)
