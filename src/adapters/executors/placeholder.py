"""The placeholder: takes every task, moves nothing, and says so. For trying the service out."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator

from application.waiting import happens_within
from domain.execution import LeaseLapsed, Outcome, Report, Stopped, Succeeded, WorkOrder
from domain.ports import Clock
from domain.values import Parameters, Priority, TaskResult

log = logging.getLogger(__name__)

_as_json = json.JSONEncoder(ensure_ascii=False, default=str).encode


class PlaceholderExecutor:
    """Implements :class:`domain.ports.Executor`. Takes every service and any parameters."""

    name = "placeholder"
    outlives_us = False
    services = frozenset({"sync", "cp", "rm", "hotcold", "chmod"})
    """Those in use today (contract §6)."""

    def __init__(self, clock: Clock, seconds: float = 0.1) -> None:
        """``seconds``: how long each task takes. With 0 its outcome is there as soon as it is asked for."""
        self._clock = clock
        self._seconds = seconds

    def check(self, service: str, parameters: Parameters) -> None:
        """Everything can be handled."""

    def is_repeatable(self, service: str) -> bool:
        """Nothing is done, so nothing is done twice."""
        return True

    async def start(self, order: WorkOrder, until: float) -> PlaceholderExecution | LeaseLapsed:
        if until <= self._clock.monotonic():
            return LeaseLapsed()
        log.info(
            "placeholder payload",
            extra={
                "task_id": order.task_id,
                "service": order.service,
                "user_id": order.user_id,
                "parameters": dict(order.parameters),
            },
        )
        return PlaceholderExecution(order, self._clock, self._seconds)

    async def attach(self, order: WorkOrder, until: float) -> None:
        """Find nothing: no work outlives the scheduler."""
        return None


class PlaceholderExecution:
    """Implements :class:`domain.ports.Execution`."""

    def __init__(self, order: WorkOrder, clock: Clock, seconds: float) -> None:
        self.name = order.name
        self._order = order
        self._clock = clock
        self._seconds = seconds
        self._asked_to_stop = asyncio.Event()

    async def reports(self) -> AsyncIterator[Report | Outcome]:
        if self._seconds > 0 and await happens_within(self._asked_to_stop, self._seconds, self._clock):
            yield Stopped(TaskResult("Stopped", "Stopped before its end. No data was moved: this is the placeholder."))
            return
        handled = _as_json(dict(self._order.parameters))
        said = f"Handled parameters: {handled}\nNo data was moved: this is the placeholder executor."
        yield Succeeded(TaskResult("Succeeded", said))

    async def stop(self) -> None:
        self._asked_to_stop.set()

    async def extend(self, until: float) -> None:
        """Nothing is moved, so nothing can be moved by two owners at once."""

    async def change_priority(self, priority: Priority) -> None:
        """It is at work already."""

    async def detach(self) -> None:
        """Nothing is left behind."""
