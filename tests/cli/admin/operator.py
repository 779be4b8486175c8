"""An operator at a terminal, beside a running service."""

from __future__ import annotations

import asyncio
import json
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tests.cli import program
from tests.http.service import TOKEN, Service


@dataclass(frozen=True, slots=True)
class Operator:
    """Runs `dms-scheduler admin` against a service."""

    service: Service

    @property
    def environment(self) -> dict[str, str]:
        """What tells the program where the service is, and who asks."""
        return {"DMS_URL": str(self.service.client.base_url), "DMS_OPERATOR_TOKEN": TOKEN}

    async def run(self, *arguments: str, env: Mapping[str, str] = program.NONE) -> subprocess.CompletedProcess[str]:
        """Run one command to its end, while the service goes on in this event loop."""
        return await asyncio.to_thread(program.run, "admin", *arguments, env={**self.environment, **env})

    async def says(self, *arguments: str) -> str:
        """Return what a command prints that does what it is asked for."""
        ended = await self.run(*arguments)
        assert (ended.returncode, ended.stderr) == (0, ""), ended
        return ended.stdout

    async def answers(self, *arguments: str) -> dict[str, Any]:
        """Return the same as JSON."""
        return dict(json.loads(await self.says(*arguments, "--json")))

    async def refused(self, *arguments: str, code: int = 1) -> str:
        """Return the one line in which a command says that it could not be done."""
        ended = await self.run(*arguments)
        assert ended.returncode == code, ended
        assert ended.stderr.startswith("dms-scheduler: ")
        assert ended.stderr.count("\n") == 1
        return ended.stderr

    async def submitted(self, status: str, user: str = "alice", **parameters: str) -> str:
        """Register and submit a task, wait until it has this status, and return its id."""
        body = await self.service.register(user, "sync", **parameters)
        assert (await self.service.submit(body)).status_code == 202
        await self.service.becomes(body, status)
        return str(body["task_id"])
