"""schemathesis on /openapi.json: good and bad data for every route, with the token and without it.

Its checks hold every answer to the document: no 500, 503 only where documented, no undocumented status, type or shape.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
import schemathesis
from schemathesis.config import SchemathesisConfig
from schemathesis.config._checks import (
    NEGATIVE_DATA_REJECTION_EXPECTED_STATUSES,
    POSITIVE_DATA_ACCEPTANCE_EXPECTED_STATUSES,
)

from entrypoints.http.app import create_app
from entrypoints.http.guard import TOKEN_HEADER
from entrypoints.settings import Settings, StoreKind
from tests.http.service import TOKEN, Service, running_service, settings
from tests.support.redis_server import RedisServer

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("schemathesis")]

EXAMPLES = 60
"""For each route, kind of data, store and token. The same ones in every run."""

BEYOND_THE_SCHEMA = (
    "POST /tasks/task",  # a body must also equal the record
    "POST /admin/users/{user_id}/block",  # a name must also be printable
    "POST /admin/users/{user_id}/enable",
    "POST /admin/block",  # a reason must also be printable
    "POST /admin/enable",
    "POST /admin/priority",
    "GET /admin/blocks",  # a cursor must also come from us
    "GET /admin/audit",
    "GET /admin/tasks",
    "POST /admin/tasks/{task_id}/cancel",
    "POST /admin/tasks/{task_id}/retry",
    "POST /admin/drain",
    "POST /admin/resume",
)
"""Where a schema cannot say all that is wanted, so that data it allows may be answered 400."""

LOST_ON_THE_WAY = ("GET /admin/tasks/{task_id}/events", "GET /admin/blocks", "GET /admin/tasks", "GET /admin/audit")
"""Where what the schema forbids (a parameter that is an empty list) may leave no trace in the request."""

EXAMPLE_ID = 10
"""The document's examples are of this task of alice's."""


class ServiceThread:
    """Runs a service beside tests that are not asynchronous."""

    def __init__(self, chosen: Settings) -> None:
        self.base_url = ""
        self._chosen = chosen
        self._ready = threading.Event()
        self._loop = asyncio.new_event_loop()
        self._over = asyncio.Event()
        self._thread = threading.Thread(target=self._loop.run_until_complete, args=(self._serve(),))

    async def _serve(self) -> None:
        try:
            async with running_service(self._chosen) as service:
                await _prepare(service)
                self.base_url = str(service.client.base_url)
                self._ready.set()
                await self._over.wait()
        finally:
            self._ready.set()

    def __enter__(self) -> str:
        self._thread.start()
        self._ready.wait()
        return self.base_url

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._over.set)
        self._thread.join()
        self._loop.close()


async def _prepare(service: Service) -> None:
    """Let the ids that are generated most often, and that of the examples, be of tasks in different states."""
    for number in range(1, 2 * EXAMPLE_ID + 1):
        body = await service.register("alice", src="/pvs/a", dst="/pvs/b")
        if number % 3 == 1 and number != EXAMPLE_ID:
            await service.submit(body)
            await service.becomes(body, "completed")


@pytest.fixture(scope="module", params=["memory", "redis"])
def base_url(request: pytest.FixtureRequest) -> Iterator[str]:
    chosen = settings()
    if request.param == "redis":
        server: RedisServer = request.getfixturevalue("redis_server")
        server.flush()
        chosen = settings(store=StoreKind.REDIS, redis_write_url=server.url, redis_read_url=server.url)
    with ServiceThread(chosen) as url:
        yield url


def _checks_of(operation: str) -> dict[str, object]:
    accepted = [*POSITIVE_DATA_ACCEPTANCE_EXPECTED_STATUSES, 400]
    checks: dict[str, object] = {"positive_data_acceptance": {"expected-statuses": accepted}}
    if operation in LOST_ON_THE_WAY:
        checks["negative_data_rejection"] = {"expected-statuses": [*NEGATIVE_DATA_REJECTION_EXPECTED_STATUSES, 200]}
    return {"include-name": operation, "checks": checks}


schema = schemathesis.openapi.from_dict(
    create_app(settings()).openapi_schema.to_schema(),
    config=SchemathesisConfig.from_dict(
        {
            "generation": {
                "deterministic": True,
                "max-examples": EXAMPLES,
                "database": "none",
                # The tests below say whether there is a token.
                "with-security-parameters": False,
            },
            "operations": [_checks_of(operation) for operation in BEYOND_THE_SCHEMA],
        }
    ),
).exclude(path="/admin/events")  # whose answers have no end; test_live_events.py holds them to the document


@schema.parametrize()
def test_with_the_token(case: schemathesis.Case[Any], base_url: str) -> None:
    case.call_and_validate(base_url=base_url, headers={TOKEN_HEADER: TOKEN})


@schema.parametrize()
def test_without_the_token(case: schemathesis.Case[Any], base_url: str) -> None:
    case.call_and_validate(base_url=base_url)


def test_the_document_is_the_one_that_is_served(base_url: str) -> None:
    assert httpx.get(f"{base_url}/openapi.json", trust_env=False).json() == schema.raw_schema
