"""Submitting one task and watching it to its end, as a person at a terminal does."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from typing import Any, Protocol

from domain.values import TaskStatus
from entrypoints.cli.problems import Problem
from entrypoints.cli.service_client import Identity, ServiceClient

LOOK_S = 0.2
"""How often the task is looked at. Its progress changes once a second."""

Detail = Mapping[str, Any]
"""What `GET /admin/tasks/{id}` answers."""


class Screen(Protocol):
    """Where a task is shown."""

    def show(self, detail: Detail) -> None:
        """Show how the task stands now."""
        ...


async def follow(client: ServiceClient, task: Identity, screen: Screen) -> Detail:
    """Show a submitted task until it has ended, and return how. Raises :class:`Problem`."""
    async for detail in watch(client, task):
        screen.show(detail)
        if TaskStatus(detail["status"]).is_terminal:
            return detail
    raise AssertionError("watching has no end of its own")


async def watch(client: ServiceClient, task: Identity) -> AsyncIterator[Detail]:
    """Yield how a submitted task stands, again and again. Raises :class:`Problem`."""
    while True:
        answer = await client.show(task.task_id)
        if not answer.is_success:
            raise Problem(f"task {task.task_id} cannot be shown: {answer.detail}")
        yield answer.document
        await asyncio.sleep(LOOK_S)
