"""The one place where ports meet the adapters that implement them."""

from __future__ import annotations

from dishka import AsyncContainer, Provider, make_async_container

from entrypoints.providers.console import ConsoleProvider
from entrypoints.providers.http import HttpProvider
from entrypoints.providers.memory import MemoryProvider
from entrypoints.providers.redis import RedisProvider
from entrypoints.providers.scheduler import SchedulerProvider
from entrypoints.providers.system import SystemProvider
from entrypoints.settings import Settings, StoreKind


def make_container(settings: Settings, *extra_providers: Provider) -> AsyncContainer:
    """Return a container for one replica. What ``extra_providers`` provide takes the place of ours.

    Nothing is made before it is asked for, and closing the container closes all that was made.
    """
    store = MemoryProvider() if settings.store is StoreKind.MEMORY else RedisProvider()
    return make_async_container(
        SystemProvider(),
        store,
        SchedulerProvider(),
        HttpProvider(),
        ConsoleProvider(),
        *extra_providers,
        context={Settings: settings},
    )
