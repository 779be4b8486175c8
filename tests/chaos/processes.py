"""One scheduler as a process of its own, on a port that stays the same from life to life."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from http.client import HTTPConnection, HTTPException
from pathlib import Path

from tests.support.ports import free_port

HOST = "127.0.0.1"
START_S = 30.0
POLL_S = 0.05
CHECKOUT = Path(__file__).resolve().parents[2]


class SchedulerProcess:
    """``dms-scheduler serve``, but for the executors of :mod:`.replica`."""

    def __init__(self, number: int, variables: Mapping[str, str], log: Path) -> None:
        self.number = number
        self.port = free_port()
        self.lock = asyncio.Lock()
        """Whoever does something to the process that takes time holds it."""
        self._variables = variables
        self._log = log
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def base_url(self) -> str:
        """Where it listens."""
        return f"http://{HOST}:{self.port}"

    @property
    def is_running(self) -> bool:
        """Whether the process is there; it may be frozen."""
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        """Start it, and do not wait."""
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("DMS_")}
        paths = os.pathsep.join((str(CHECKOUT / "src"), str(CHECKOUT)))
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [*_die_with_us(), sys.executable, "-m", "tests.chaos.replica", "serve", "--port", str(self.port)],
                env={**inherited, **self._variables, "DMS_HOST": HOST, "PYTHONPATH": paths},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                # Ctrl-C on a terminal is ours to handle.
                start_new_session=True,
            )

    async def accepts(self) -> None:
        """Return when it answers. Raises RuntimeError: it ended, or it does not answer within 30 s."""
        deadline = time.monotonic() + START_S
        while time.monotonic() < deadline:
            if not self.is_running:
                raise RuntimeError(f"scheduler {self.number} ended at its start; see {self._log}")
            if await asyncio.to_thread(answers, self.port):
                return
            await asyncio.sleep(POLL_S)
        raise RuntimeError(f"scheduler {self.number} does not answer within {START_S:g} s; see {self._log}")

    async def ended(self) -> int:
        """Return its exit code when it has ended."""
        assert self._process is not None
        return await asyncio.to_thread(self._process.wait)

    def send(self, number: signal.Signals) -> None:
        """Send a signal, unless it has ended."""
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(number)

    def kill(self) -> None:
        """End it as a crash would, and wait until it is gone."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()


def answers(port: int, timeout_s: float = 1.0) -> bool:
    """Whether a scheduler answers that it lives."""
    connection = HTTPConnection(HOST, port, timeout=timeout_s)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == 200
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()


def _die_with_us() -> list[str]:
    """A prefix that ends the process even when the run itself is killed and can clean up nothing."""
    setpriv = shutil.which("setpriv")
    return [setpriv, "--pdeathsig", "KILL"] if setpriv else []
