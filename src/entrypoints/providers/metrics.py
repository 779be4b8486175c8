"""What is counted, and by whom."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from dishka import Provider, Scope, provide

from adapters.metrics.delivery_meter import DeliveryMeter as CountingDeliveryMeter
from adapters.metrics.redis_meter import RedisMeter as CountingRedisMeter
from adapters.metrics.request_meter import RequestMeter
from adapters.metrics.task_meter import TaskMeter
from adapters.metrics.workers import WorkerCells
from adapters.redis.faults import KINDS
from adapters.redis.meter import UNMETERED as REDIS_UNMETERED
from adapters.redis.meter import RedisMeter
from application.meter import UNMETERED, Meter
from application.outbox import DeliveryMeter, UnmeteredDeliveries
from application.ports import services_of
from domain.ports import Executor
from entrypoints.http.measurements import Measurements
from entrypoints.settings import Settings


class MetricsProvider(Provider):
    """Meters that count, and all that was counted."""

    scope = Scope.APP
    measurements = provide(Measurements)

    def __init__(self, directory: Path | None) -> None:
        """``directory`` is shared by all workers; None where there are no others."""
        super().__init__()
        self._directory = directory

    @provide
    def cells(self) -> Iterator[WorkerCells]:
        cells = WorkerCells(self._directory)
        yield cells
        cells.close()

    @provide
    def meter(self, cells: WorkerCells, executor: Executor, settings: Settings) -> Meter:
        return TaskMeter(cells.own, services_of(executor), settings.slots)

    @provide
    def redis_meter(self, cells: WorkerCells) -> RedisMeter:
        return CountingRedisMeter(cells.own, KINDS)

    @provide
    def delivery_meter(self, cells: WorkerCells) -> DeliveryMeter:
        return CountingDeliveryMeter(cells.own)

    @provide
    def request_meter(self, cells: WorkerCells) -> RequestMeter:
        return RequestMeter(cells.own)


class UnmeteredProvider(Provider):
    """Meters that count nothing."""

    scope = Scope.APP

    @provide
    def meter(self) -> Meter:
        return UNMETERED

    @provide
    def redis_meter(self) -> RedisMeter:
        return REDIS_UNMETERED

    @provide
    def delivery_meter(self) -> DeliveryMeter:
        return UnmeteredDeliveries()
