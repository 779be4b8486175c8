"""The service address: calls go to any replica that seemed to live a moment ago, as behind a Kubernetes service."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

import httpx

from tests.chaos.evidence import boot_time
from tests.chaos.processes import SchedulerProcess, answers
from tests.frontend.standin import Answer, HttpScheduler
from tests.frontend.standin.client import Body
from tests.support.local_http import local_client

PROBE_S = 0.5
"""How often each replica is asked whether it lives; until then calls may go to one that is dead or frozen."""
OPERATOR_TIMEOUT_S = 12.0


@dataclass(frozen=True, slots=True)
class Accepted:
    """A submit that was accepted."""

    user_id: str
    sent_at: float
    """By :func:`~tests.chaos.evidence.boot_time`, as the other instant."""
    answered_at: float
    replica: int


class ServiceAddress:
    """Implements the frontend's :class:`~tests.frontend.standin.SchedulerClient`, and takes operators' requests."""

    base_url = "http://dms-scheduler"

    def __init__(self, replicas: Sequence[SchedulerProcess], dice: random.Random, operator_token: str) -> None:
        self._replicas = replicas
        self._dice = dice
        self._clients = [HttpScheduler(replica.base_url) for replica in replicas]
        self._alive = [True] * len(replicas)
        self._operator = local_client(timeout=OPERATOR_TIMEOUT_S, headers={"X-Operator-Token": operator_token})
        self.accepted: dict[str, Accepted] = {}
        """The submits that were answered so, by task."""

    @asynccontextmanager
    async def probing(self) -> AsyncIterator[ServiceAddress]:
        """Keep looking which replicas live."""
        probes = [asyncio.create_task(self._probe(number)) for number in range(len(self._replicas))]
        try:
            yield self
        finally:
            for probe in probes:
                probe.cancel()
            await asyncio.wait(probes)
            await self._operator.aclose()
            for client in self._clients:
                await client.aclose()

    async def submit(self, body: Body) -> Answer:
        sent_at = boot_time()
        replica = self._choose()
        answer = await self._clients[replica].submit(body)
        if answer.is_success:
            self.accepted[str(body["task_id"])] = Accepted(str(body["user_id"]), sent_at, boot_time(), replica)
        return answer

    async def cancel(self, body: Body) -> Answer:
        return await self._clients[self._choose()].cancel(body)

    async def operate(self, path: str, body: Body | None = None) -> int | None:
        """Post an operator's request, and return the status; None where no answer came."""
        url = self._replicas[self._choose()].base_url + path
        try:
            response = await self._operator.post(url, json=None if body is None else dict(body))
        except httpx.TransportError:
            return None
        return response.status_code

    def _choose(self) -> int:
        alive = [number for number, each in enumerate(self._alive) if each]
        return self._dice.choice(alive or range(len(self._alive)))

    async def _probe(self, number: int) -> None:
        while True:
            self._alive[number] = await asyncio.to_thread(answers, self._replicas[number].port)
            await asyncio.sleep(PROBE_S)
