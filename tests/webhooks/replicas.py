"""Whole services that tell receivers of a test, and one that dies with a notification in its hands."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

from dishka import Provider, Scope

from application.deliveries import Pace
from application.outbox import Deliverer, Delivery
from domain.notifications import DeliveryPolicy, Notification
from entrypoints.settings import Settings, StoreKind
from tests.http.service import running_service, settings
from tests.webhooks.receiver import SECRET

HASTE = Pace(poll_s=0.02, grace_s=0.0)
"""Nothing in a test depends on it but how long it takes."""

SHORT_HOLD = replace(HASTE, hold_s=0.5)
"""What a process holds that was killed is due again soon."""


def telling(directory: Path, webhooks: str, **changes: Any) -> Settings:
    """Return the settings of a service that tells of ends: ``webhooks`` as in ``DMS_WEBHOOKS``."""
    file = directory / "secret"
    file.write_text(f"# for tests\n{SECRET}\n")
    named = Settings.from_environment({"DMS_WEBHOOKS": webhooks}).webhooks
    return settings(webhooks=named, webhook_secret_file=str(file), webhook_allow_private=True, **changes)


def in_redis(url: str) -> dict[str, Any]:
    """Return the settings of a store."""
    return {"store": StoreKind.REDIS, "redis_write_url": url, "redis_read_url": url}


def hasty(pace: Pace = HASTE) -> Provider:
    """Return what lets deliveries and their retries come soon."""
    own = Provider(scope=Scope.APP)
    own.provide(lambda: pace, provides=Pace)
    own.provide(lambda: DeliveryPolicy(base_s=0.02), provides=DeliveryPolicy)
    return own


class DyingDeliverer:
    """Is killed, as by the kernel, between the claim of a notification and its delivery."""

    async def __call__(self, notification: Notification) -> Delivery:
        print(notification.id, flush=True)
        os.kill(os.getpid(), signal.SIGKILL)
        raise AssertionError("nobody survives that")


async def die_telling(redis_url: str, directory: Path) -> None:
    """Let a task end, and be killed before its receiver hears of it."""
    own = hasty(SHORT_HOLD)
    own.provide(lambda: DyingDeliverer(), provides=Deliverer)
    async with running_service(telling(directory, "http://127.0.0.1:9/", **in_redis(redis_url)), own) as service:
        await service.submit(await service.register())
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(die_telling(sys.argv[1], Path(sys.argv[2])))
