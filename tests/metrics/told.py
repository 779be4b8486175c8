"""What a real service tells of itself once tasks of different ends have come through it."""

from __future__ import annotations

from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from prometheus_client import Metric
from prometheus_client.parser import text_string_to_metric_families

from tests.http.service import running_service
from tests.webhooks.replicas import in_redis, telling


@dataclass(frozen=True, slots=True)
class Told:
    """One scrape, read by Prometheus' own client."""

    families: list[Metric]

    @property
    def names(self) -> set[str]:
        """The names of all series."""
        return {each.name for family in self.families for each in family.samples}

    def labels_of(self, name: str) -> dict[str, set[str]]:
        """The labels of all series of this name, and the values that each has."""
        found: dict[str, set[str]] = {}
        for each in (each for family in self.families for each in family.samples if each.name == name):
            for label, value in each.labels.items():
                found.setdefault(label, set()).add(value)
        return found


async def told_after_tasks(redis_url: str) -> Told:
    """Run the service on a real Redis, have a task completed and one refused over HTTP, and scrape once.

    It has a receiver of webhooks, which cannot be reached.
    """
    async with AsyncExitStack() as stack:
        directory = stack.enter_context(TemporaryDirectory())
        chosen = telling(Path(directory), "http://127.0.0.1:9/", **in_redis(redis_url))
        service = await stack.enter_async_context(running_service(chosen))
        for name in ("sync", "unknown"):
            body = await service.register(service=name)
            await service.submit(body)
            await service.becomes(body, "completed", "failed")
        text = (await service.client.get("/metrics")).text
    return Told(list(text_string_to_metric_families(text)))
