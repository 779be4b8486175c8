"""The service in a process of its own."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import httpx

from tests.http.service import STUCK_S, TOKEN
from tests.support.local_http import local_client
from tests.support.ports import free_port

SERVE = "import os; from entrypoints.http.server import serve; from entrypoints.settings import Settings; \
serve(Settings.from_environment(os.environ))"


class Process:
    """A service in a process of its own."""

    def __init__(self, **variables: str) -> None:
        self.port = free_port()
        self._environ = {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": os.pathsep.join(sys.path),
            "DMS_HOST": "127.0.0.1",
            "DMS_PORT": str(self.port),
            "DMS_STORE": "memory",
            "DMS_EXECUTOR": "placeholder",
            "DMS_OPERATOR_TOKEN": TOKEN,
            "DMS_SHUTDOWN_GRACE_SECONDS": "0",
            **variables,
        }

    @contextmanager
    def running(self) -> Iterator[subprocess.Popen[str]]:
        process = subprocess.Popen(
            [sys.executable, "-c", SERVE], env=self._environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        try:
            yield process
        finally:
            process.kill()
            process.communicate()

    async def becomes_ready(self, process: subprocess.Popen[str]) -> None:
        async with asyncio.timeout(STUCK_S), self.client() as client:
            while process.poll() is None:
                try:
                    if (await client.get("/readyz")).status_code == 200:
                        return
                except httpx.TransportError:
                    pass
                await asyncio.sleep(0.05)
        raise AssertionError(process.communicate())

    def client(self) -> httpx.AsyncClient:
        return local_client(base_url=f"http://127.0.0.1:{self.port}", timeout=15)
