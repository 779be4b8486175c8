"""One `dms-scheduler serve`, as a process that can be killed, frozen and stopped."""

from __future__ import annotations

import asyncio
import json
import signal
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from typing import Any

import httpx

from entrypoints.http.guard import TOKEN_HEADER
from tests.cli.program import COMMAND, environment
from tests.http.service import STUCK_S, TOKEN, until
from tests.support.local_http import local_client
from tests.support.ports import free_port


class Replica:
    """A running service, and all that it has logged."""

    def __init__(self, process: asyncio.subprocess.Process, port: int) -> None:
        self.process = process
        self.port = port
        self.lines: list[dict[str, Any]] = []
        self.complaints: list[str] = []
        """What it wrote to stderr: nothing, if all is well."""
        self._more = asyncio.Condition()
        self._is_silent = False
        self._readers = [asyncio.create_task(self._read_log()), asyncio.create_task(self._read_complaints())]

    @property
    def pid(self) -> int:
        """Its process id."""
        return self.process.pid

    async def is_ready(self) -> None:
        """Return when it says so over HTTP."""
        await self.says("recovered")
        async with self._client() as client:

            async def look() -> int:
                try:
                    return (await client.get("/readyz")).status_code
                except httpx.TransportError:
                    return 0

            await until(look, lambda status: status == 200)

    async def works_on(self) -> list[str]:
        """Return the ids of the tasks in its hands, as it tells operators."""
        async with self._client() as client:
            answer = await client.get("/admin/queue", headers={TOKEN_HEADER: TOKEN})
        at_work: list[str] = answer.json()["replica"]["at_work"]
        return at_work

    async def submit(self, body: Mapping[str, object], headers: Mapping[str, str] | None = None) -> None:
        """Submit a task, which must be accepted."""
        async with self._client() as client:
            answer = await client.post("/tasks/task", json=body, headers=headers)
        assert answer.status_code == 202, answer.text

    async def says(self, event: str, times: int = 1) -> list[dict[str, Any]]:
        """Return the lines with this event, as soon as it has said so often."""
        with suppress(TimeoutError):
            async with asyncio.timeout(STUCK_S), self._more:
                await self._more.wait_for(lambda: len(self.said(event)) >= times or self._is_silent)
        said = self.said(event)
        assert len(said) >= times, f"it said no {event!r}: {self.lines} {self.complaints}"
        return said

    def said(self, event: str) -> list[dict[str, Any]]:
        """Return the lines with this event."""
        return [line for line in self.lines if line["event"] == event]

    def freeze(self) -> None:
        """Stop it in the middle of whatever it does."""
        self.process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it go on as if nothing had happened."""
        self.process.send_signal(signal.SIGCONT)

    def kill(self) -> None:
        """End it as a crash would."""
        self.process.kill()

    async def stop(self) -> int:
        """End it as an operator would, and return its exit code."""
        self.process.terminate()
        return await self.ended()

    async def ended(self) -> int:
        """Return the exit code when it has ended and all that it said was read."""
        async with asyncio.timeout(STUCK_S):
            await asyncio.gather(*self._readers)
            return await self.process.wait()

    def _client(self) -> httpx.AsyncClient:
        return local_client(base_url=f"http://127.0.0.1:{self.port}", timeout=STUCK_S)

    async def _read_log(self) -> None:
        assert self.process.stdout is not None
        async for line in self.process.stdout:
            async with self._more:
                self.lines.append(json.loads(line))
                self._more.notify_all()
        async with self._more:
            self._is_silent = True
            self._more.notify_all()

    async def _read_complaints(self) -> None:
        assert self.process.stderr is not None
        async for line in self.process.stderr:
            self.complaints.append(line.decode())


@asynccontextmanager
async def replica(variables: Mapping[str, str], *arguments: str) -> AsyncIterator[Replica]:
    """Start a replica and wait until it is ready; it is killed at the end, if it has not ended by then."""
    port = free_port()
    process = await asyncio.create_subprocess_exec(
        *COMMAND,
        *("serve", "--host", "127.0.0.1", "--port", str(port), *arguments),
        env=environment(variables),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    started = Replica(process, port)
    try:
        await started.is_ready()
        yield started
    finally:
        if process.returncode is None:
            process.kill()
        await started.ended()
