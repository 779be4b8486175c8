"""The one place where ports meet the adapters that implement them."""

from __future__ import annotations

from pathlib import Path

from dishka import AsyncContainer, Provider, make_async_container

from entrypoints.providers.console import ConsoleProvider
from entrypoints.providers.http import HttpProvider
from entrypoints.providers.memory import MemoryProvider
from entrypoints.providers.metrics import MetricsProvider, UnmeteredProvider
from entrypoints.providers.redis import RedisProvider
from entrypoints.providers.scheduler import SchedulerProvider
from entrypoints.providers.system import SystemProvider
from entrypoints.providers.tracing import TracingProvider, UntracedProvider
from entrypoints.providers.webhooks import WebhookProvider
from entrypoints.settings import MetricsAccess, Settings, StoreKind, Tracing


def make_container(
    settings: Settings, *extra_providers: Provider, metrics_directory: Path | None = None
) -> AsyncContainer:
    """Return a container for one replica. What ``extra_providers`` provide takes the place of ours.

    Nothing is made before it is asked for, and closing the container closes all that was made. In
    ``metrics_directory`` the workers of one service find what each of them has counted.
    """
    store = MemoryProvider() if settings.store is StoreKind.MEMORY else RedisProvider()
    metrics = UnmeteredProvider() if settings.metrics is MetricsAccess.OFF else MetricsProvider(metrics_directory)
    tracing = UntracedProvider() if settings.tracing is Tracing.OFF else TracingProvider()
    ours = (
        SystemProvider(),
        store,
        metrics,
        tracing,
        SchedulerProvider(),
        WebhookProvider(),
        HttpProvider(),
        ConsoleProvider(),
    )
    return make_async_container(*ours, *extra_providers, context={Settings: settings})
