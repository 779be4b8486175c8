"""`GET /admin/throughput` and `GET /admin/users`."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.http.service import Service
from tests.http.test_admin_views import finished, running


async def throughput(service: Service) -> dict[str, Any]:
    answer = await service.admin("GET", "/throughput")
    assert answer.status_code == 200
    return dict(answer.json())


async def test_at_first_nothing_was_done(service: Service) -> None:
    seen = await throughput(service)
    for span, steps, step_s in (("hour", 60, 60), ("day", 96, 900)):
        assert len(seen[span]["steps"]) == steps
        assert seen[span]["step_s"] == step_s
        assert seen[span]["total"] == {"completed": 0, "failed": 0, "cancelled": 0, "bytes": 0}
        assert (seen[span]["failures"], seen[span]["tasks_per_minute"]) == ({}, 0)
        start, end = (datetime.fromisoformat(seen[span][name]) for name in ("start", "end"))
        assert timedelta(0) < end - start <= timedelta(seconds=steps * step_s)


async def test_what_was_done_is_counted_in_both_spans(service: Service) -> None:
    await finished(service)
    await service.submit(await service.register(service="mv"))
    body = await running(service)
    await service.cancel(body)
    await service.becomes(body, "cancelled")
    seen = await throughput(service)
    for span in (seen["hour"], seen["day"]):
        assert span["total"] == {"completed": 1, "failed": 1, "cancelled": 1, "bytes": 512}
        assert span["failures"] == {"refused": 1}
        assert sum(step["completed"] for step in span["steps"]) == 1
        assert span["tasks_per_minute"] > 0
        assert span["bytes_per_second"] > 0


async def test_users_with_what_they_have_and_what_was_moved(service: Service) -> None:
    await running(service, "a/b %")
    await service.admin("POST", "/users/bob/block", json={"reason": "a full disk"})
    seen = (await service.admin("GET", "/users")).json()
    first, second = seen["users"]
    assert (first["user_id"], first["running"], first["bytes_day"], first["bytes_week"]) == ("a/b %", 1, 512, 512)
    assert (first["waiting_high"], first["waiting_low"], first["block"]) == (0, 0, None)
    assert (second["user_id"], second["block"]) == ("bob", {"reason": "a full disk", "until": None})
    assert seen["incomplete"] is False
    assert datetime.fromisoformat(seen["week_since"]) < datetime.fromisoformat(seen["day_since"])


async def test_users_come_in_the_order_that_is_asked_for(service: Service) -> None:
    mover = await running(service, "mover")
    await service.cancel(mover)
    await service.becomes(mover, "cancelled")
    service.executor.gate.set()
    for _ in range(2):
        await finished(service, "idle")
    await service.admin("POST", "/users/aaron/block")
    for sort, first in (("day", "mover"), ("week", "mover"), ("tasks", "aaron")):
        users = (await service.admin("GET", "/users", params={"sort": sort})).json()["users"]
        assert users[0]["user_id"] == first
    cut = (await service.admin("GET", "/users", params={"sort": "day", "limit": 1})).json()
    assert ([user["user_id"] for user in cut["users"]], cut["incomplete"]) == (["mover"], True)


async def test_tasks_are_filtered_by_the_kind_of_their_failure(service: Service) -> None:
    await service.submit(await service.register(service="mv"))
    await finished(service)
    for kind, found in (("refused", ["1"]), ("no_space", [])):
        page = (await service.admin("GET", "/tasks", params={"failure": kind})).json()
        assert [task["task_id"] for task in page["tasks"]] == found


@pytest.mark.parametrize(
    ("path", "parameters"),
    [
        ("/users", {"sort": "size"}),
        ("/users", {"order": "day"}),
        ("/users", {"limit": "0"}),
        ("/tasks", {"failure": "bad luck"}),
    ],
)
async def test_what_is_not_accepted_is_400(service: Service, path: str, parameters: dict[str, str]) -> None:
    assert (await service.admin("GET", path, params=parameters)).status_code == 400
