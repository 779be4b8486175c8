"""The seam between the stand-in and a scheduler: real HTTP, or a call within the process."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

import httpx

from tests.frontend.standin.steps import Step, Steps
from tests.support.local_http import local_client

TIMEOUT_S = 10.0
"""The frontend's patience to connect, to write and to read, each (contract §3). It never tries again."""

Body = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Answer:
    """What the scheduler said."""

    status: int
    body: str = ""

    @property
    def is_success(self) -> bool:
        """Whether the status is 2xx."""
        return 200 <= self.status < 300


class SchedulerUnavailable(Exception):
    """No connection, no answer in time, or one that broke off: the scheduler may have done what was asked."""


class SchedulerClient(Protocol):
    """The two calls of the contract (§3)."""

    @property
    def base_url(self) -> str:
        """Where the scheduler is, for log lines."""
        ...

    async def submit(self, body: Body) -> Answer:
        """`POST /tasks/task`. Raises SchedulerUnavailable."""
        ...

    async def cancel(self, body: Body) -> Answer:
        """`POST /tasks/cancel`. Raises SchedulerUnavailable."""
        ...


class HttpScheduler:
    """A scheduler behind real HTTP."""

    def __init__(self, base_url: str, *, timeout_s: float = TIMEOUT_S) -> None:
        """Close it with `aclose`."""
        self.base_url = base_url
        self._client = local_client(base_url=base_url, timeout=timeout_s)

    async def submit(self, body: Body) -> Answer:
        return await self._post("/tasks/task", body)

    async def cancel(self, body: Body) -> Answer:
        return await self._post("/tasks/cancel", body)

    async def aclose(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    async def _post(self, path: str, body: Body) -> Answer:
        try:
            response = await self._client.post(path, json=dict(body))
        except httpx.TransportError as error:
            raise SchedulerUnavailable(str(error)) from error
        return Answer(response.status_code, response.text)


Handler = Callable[[dict[str, object]], Awaitable[Answer]]


class InProcessScheduler:
    """A scheduler that is called as a function, for interleavings without I/O.

    With `impatience`, each call has a step `<call>.breaks` beside it: if the caller passes that step before the answer
    is there, it has timed out, while the handler goes on. A driver that enumerates steps so tries every moment.
    """

    base_url = "http://dms-scheduler"

    def __init__(self, submit: Handler, cancel: Handler, *, impatience: Steps | None = None) -> None:
        """A handler gets the parsed body and answers as the HTTP layer would."""
        self._submit = submit
        self._cancel = cancel
        self._impatience = impatience
        self._abandoned: list[asyncio.Task[Answer]] = []

    async def submit(self, body: Body) -> Answer:
        return await self._call(self._submit, body, "submit")

    async def cancel(self, body: Body) -> Answer:
        return await self._call(self._cancel, body, "cancel")

    async def settled(self) -> None:
        """Return when the handlers whose callers gave up have ended too; raise what they raised."""
        while self._abandoned:
            await self._abandoned.pop()

    async def _call(self, handler: Handler, body: Body, name: str) -> Answer:
        sent = json.loads(json.dumps(dict(body)))
        if self._impatience is None:
            return await handler(sent)
        breaks = Step(f"{name}.breaks", str(body["task_id"]))
        answer = asyncio.ensure_future(handler(sent))
        patience = asyncio.ensure_future(self._impatience.at(breaks))
        await asyncio.wait({answer, patience}, return_when=asyncio.FIRST_COMPLETED)
        if answer.done():
            patience.cancel()
            return answer.result()
        self._abandoned.append(answer)
        raise SchedulerUnavailable("timed out")
