"""Everything under `/admin` is for operators, and so is the console."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from litestar import Litestar
from litestar.routes import HTTPRoute

from entrypoints.console.guard import SessionGuard
from entrypoints.http.app import create_app
from entrypoints.http.guard import OperatorGuard
from tests.http.service import TOKEN, Service, settings

OPEN = {
    "/tasks/task",
    "/tasks/cancel",
    "/healthz",
    "/readyz",
    "/help",
    "/metrics",
    "/docs",
    "/docs/assets/{name}",
    "/openapi.json",
    "/console/login",
    "/console/static/{name}",
}
"""The only routes that anybody may call. A new one stands here only after somebody has thought about it."""


def routes(app: Litestar) -> Iterator[tuple[str, HTTPRoute]]:
    for route in app.routes:
        assert isinstance(route, HTTPRoute)
        yield route.path_format, route


def test_no_operator_route_was_forgotten() -> None:
    app = create_app(settings())
    guarded = set()
    for path, route in routes(app):
        for handler in route.route_handlers:
            kind = SessionGuard if path.startswith("/console") else OperatorGuard
            is_guarded = any(isinstance(guard, kind) for guard in handler.resolve_guards())
            assert is_guarded is (path not in OPEN), f"{handler.http_methods} {path}"
            if is_guarded:
                guarded.add(path)
    assert guarded == {
        "/admin/priority",
        "/admin/block",
        "/admin/enable",
        "/admin/users/{user_id}/block",
        "/admin/users/{user_id}/enable",
        "/admin/blocks",
        "/admin/queue",
        "/admin/drain",
        "/admin/resume",
        "/admin/replicas",
        "/admin/tasks",
        "/admin/tasks/{task_id}",
        "/admin/tasks/at-work",
        "/admin/tasks/{task_id}/cancel",
        "/admin/tasks/{task_id}/retry",
        "/admin/tasks/{task_id}/why",
        "/admin/webhooks",
        "/console",
        "/console/audit",
        "/console/logout",
        "/console/tasks",
        "/console/tasks/{task_id}",
        "/console/tasks/{task_id}/cancel",
        "/console/tasks/{task_id}/priority",
        "/console/tasks/{task_id}/retry",
        "/console/users",
        "/console/users/block",
        "/console/users/block-everybody",
        "/console/users/enable",
        "/console/users/enable-everybody",
        "/admin/tasks/{task_id}/events",
        "/admin/audit",
        "/admin/throughput",
        "/admin/users",
        "/console/throughput",
    }


def admin_calls() -> list[tuple[str, str]]:
    return sorted(
        (method, path.format(user_id="alice", task_id="1"))
        for path, route in routes(create_app(settings()))
        if path.startswith("/admin/")
        for method in route.methods
    )


@pytest.mark.parametrize(("method", "path"), admin_calls())
async def test_without_the_token_nothing_is_done(memory_service: Service, method: str, path: str) -> None:
    without = await memory_service.client.request(method, path)
    assert without.status_code == without.json()["status_code"] == 401
    assert "X-Operator-Token" in without.json()["detail"]
    assert "X-Operator-Token" in without.headers["WWW-Authenticate"]
    wrong = await memory_service.client.request(method, path, headers={"X-Operator-Token": TOKEN + "x"})
    assert wrong.status_code == wrong.json()["status_code"] == 403
    assert TOKEN not in wrong.text
    blocks = (await memory_service.admin("GET", "/blocks")).json()
    assert (blocks["blocked"], blocks["users"]) == (False, [])


@pytest.mark.parametrize("given", [b"", b"Bearer " + TOKEN.encode(), TOKEN.upper().encode(), b"\xff\xfe", b"a" * 9000])
async def test_another_token_is_403(memory_service: Service, given: bytes) -> None:
    answer = await memory_service.client.get("/admin/queue", headers={b"X-Operator-Token": given})
    assert answer.status_code == 403


async def test_the_token_opens_every_route(memory_service: Service) -> None:
    for method, path in admin_calls():
        assert (await memory_service.admin(method, path.removeprefix("/admin"))).status_code not in (401, 403)


async def test_the_guard_comes_before_the_body(memory_service: Service) -> None:
    answer = await memory_service.client.post("/admin/priority", content=b"{")
    assert answer.status_code == 401
