"""The service's HTTP API as the command line calls it: as any other client would."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from typing import Any
from urllib.parse import quote

from entrypoints.cli.problems import Problem

TIMEOUT_S = 30.0
"""The service itself answers within 10 s, whatever its store does."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the service said."""

    status: int
    document: Mapping[str, Any]

    @property
    def is_success(self) -> bool:
        """Whether the request was carried out."""
        return self.status < 400

    @property
    def detail(self) -> str:
        """Why it was not."""
        return str(self.document.get("detail", self.document))


@dataclass(frozen=True, slots=True)
class Identity:
    """A registered task, as submits and cancels name it."""

    task_id: str
    service: str
    user_id: str

    def body(self) -> dict[str, object]:
        """Return the fields of a request."""
        return {"task_id": self.task_id, "service": self.service, "user_id": self.user_id}


class ServiceClient:
    """One connection per request, each in a thread, so that the caller's event loop goes on."""

    def __init__(self, host: str, port: int, operator_token: str) -> None:
        self._host = host
        self._port = port
        self._token = operator_token

    async def submit(self, task: Identity, parameters: Mapping[str, object]) -> Answer:
        """Ask for the task to be run."""
        return await self._call("POST", "/tasks/task", {**task.body(), "parameters": parameters})

    async def cancel(self, task: Identity) -> Answer:
        """Ask for the task to be stopped."""
        return await self._call("POST", "/tasks/cancel", task.body())

    async def show(self, task_id: str) -> Answer:
        """Ask for all that is known of a task."""
        return await self._call("GET", f"/admin/tasks/{task_id}")

    async def block_user(self, user_id: str, blocked: bool) -> Answer:
        """Block or enable a user's submits."""
        return await self._call("POST", f"/admin/users/{quote(user_id, safe='')}/{'block' if blocked else 'enable'}")

    async def _call(self, method: str, path: str, body: Mapping[str, object] | None = None) -> Answer:
        """Raises :class:`Problem` where no answer comes, or one that is no JSON."""
        return await asyncio.to_thread(self._call_blocking, method, path, body)

    def _call_blocking(self, method: str, path: str, body: Mapping[str, object] | None) -> Answer:
        connection = HTTPConnection(self._host, self._port, timeout=TIMEOUT_S)
        headers = {"X-Operator-Token": self._token, "Connection": "close"}
        if body is not None:
            headers["Content-Type"] = "application/json"
        try:
            connection.request(method, path, None if body is None else json.dumps(body), headers)
            response = connection.getresponse()
            return Answer(response.status, json.loads(response.read()))
        except (OSError, HTTPException, ValueError) as error:
            raise Problem(f"{method} {path}: the service did not answer ({type(error).__name__}: {error})") from error
        finally:
            connection.close()
