"""The service in a process of its own."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

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
    def running(self) -> Iterator[subprocess.Popen[bytes]]:
        """Start it; it is killed when the context ends, if it has not ended by then.

        It writes into files: nobody reads a pipe meanwhile, and a full one would stop it at its next log line.
        """
        with TemporaryDirectory() as directory:
            self._out, self._err = Path(directory, "out"), Path(directory, "err")
            with self._out.open("wb") as out, self._err.open("wb") as err:
                process = subprocess.Popen([sys.executable, "-c", SERVE], env=self._environ, stdout=out, stderr=err)
            try:
                yield process
            finally:
                process.kill()
                process.wait()

    def ended(self, process: subprocess.Popen[bytes]) -> tuple[int, str, str]:
        """Wait for its end; return its exit code, and what it wrote to stdout and to stderr."""
        return process.wait(STUCK_S), self._out.read_text(), self._err.read_text()

    async def becomes_ready(self, process: subprocess.Popen[bytes]) -> None:
        async with asyncio.timeout(STUCK_S), self.client() as client:
            while process.poll() is None:
                try:
                    if (await client.get("/readyz")).status_code == 200:
                        return
                except httpx.TransportError:
                    pass
                await asyncio.sleep(0.05)
        raise AssertionError(self.ended(process))

    def client(self) -> httpx.AsyncClient:
        return local_client(base_url=f"http://127.0.0.1:{self.port}", timeout=15)
