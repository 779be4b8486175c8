"""What holds for every route: errors of one shape, methods, request ids, log lines."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import httpx
import pytest

from tests.http.logged import logged_service
from tests.http.service import Service, settings, until
from tests.support.local_http import local_client


@pytest.mark.parametrize(
    "path",
    [
        *(
            "/",
            "/nope",
            "/tasks",
            "/tasks/",
            "/tasks/nope",
            "/admin",
            "/admin/nope",
            "/docs/nope",
            "/openapi.json/nope",
        ),
        *("/docs/assets/nope.js", "/docs/assets/..%2Fassets.py", "/admin/users/a/b/block", "/admin/users//block"),
        "/%FF",
    ],
)
async def test_an_unknown_path_is_404(memory_service: Service, path: str) -> None:
    for method in ("GET", "POST"):
        answer = await memory_service.client.request(method, path, headers=memory_service.operator)
        if method == "POST" and path.startswith("/docs/assets"):
            continue  # there GET is known
        assert answer.status_code == answer.json()["status_code"] == 404
        assert answer.headers["Content-Type"] == "application/json"


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("GET", "/tasks/task", {"POST", "OPTIONS"}),
        ("PUT", "/tasks/cancel", {"POST", "OPTIONS"}),
        ("DELETE", "/admin/tasks", {"GET", "HEAD", "OPTIONS"}),
        ("PATCH", "/healthz", {"GET", "HEAD", "OPTIONS"}),
        ("TRACE", "/help", {"GET", "HEAD", "OPTIONS"}),
        ("POST", "/openapi.json", {"GET", "HEAD", "OPTIONS"}),
        ("HEAD", "/tasks/task", {"POST", "OPTIONS"}),
    ],
)
async def test_another_method_is_405_and_says_which_are_possible(
    memory_service: Service, method: str, path: str, allowed: set[str]
) -> None:
    answer = await memory_service.client.request(method, path)
    assert answer.status_code == 405
    assert set(answer.headers["Allow"].split(", ")) == allowed
    if method != "HEAD":
        assert answer.json()["status_code"] == 405


async def test_a_strange_method_does_no_harm(memory_service: Service) -> None:
    answer = await memory_service.client.request("PROPFIND", "/tasks/task")
    assert answer.status_code == 405


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/help", "/docs", "/openapi.json", "/nope"])
async def test_head_answers_as_get_without_a_body(memory_service: Service, path: str) -> None:
    get, head = await memory_service.client.get(path), await memory_service.client.head(path)
    assert (head.status_code, head.content) == (get.status_code, b"")
    assert head.headers["Content-Length"] == get.headers["Content-Length"]


async def test_options_tells_the_methods(memory_service: Service) -> None:
    answer = await memory_service.client.options("/healthz")
    assert answer.status_code == 204
    assert set(answer.headers["Allow"].split(", ")) == {"GET", "HEAD", "OPTIONS"}


async def test_paths_are_found_however_they_are_escaped(memory_service: Service) -> None:
    assert (await memory_service.client.get("/h%65althz?x=1")).status_code == 200


@pytest.mark.parametrize("given", ["abc", "a-b_c.d:e", "0" * 128])
async def test_a_sane_request_id_comes_back(memory_service: Service, given: str) -> None:
    for path in ("/healthz", "/nope", "/admin/queue"):
        answer = await memory_service.client.get(path, headers={"X-Request-ID": given})
        assert answer.headers["X-Request-ID"] == given


@pytest.mark.parametrize("given", [None, "", "a b", "a" * 129, 'a"b', "ä".encode(), b"a\tb"])
async def test_another_one_is_replaced(memory_service: Service, given: str | bytes | None) -> None:
    headers = {} if given is None else {"X-Request-ID": given}
    seen = {(await memory_service.client.get("/healthz", headers=headers)).headers["X-Request-ID"] for _ in range(2)}  # type: ignore[arg-type]
    assert len(seen) == 2
    assert given not in seen


class TestLogLines:
    """The access line, and what stands on the other lines of a request."""

    async def test_one_access_line_a_request(self) -> None:
        async with logged_service() as (service, lines):
            await service.client.get("/healthz", headers={"X-Request-ID": "one"})
            await service.client.get("/nope?token=secret", headers={"X-Request-ID": "two"})
            one, two = lines(event="request")
        assert (one["request_id"], one["method"], one["path"], one["status"]) == ("one", "GET", "/healthz", 200)
        assert one["duration_ms"] >= 0
        assert one["client"] == "127.0.0.1"
        assert (two["request_id"], two["path"], two["status"]) == ("two", "/nope", 404)
        assert "secret" not in json.dumps(two)

    async def test_task_and_user_are_on_every_line(self) -> None:
        async with logged_service() as (service, lines):
            body = await service.register("al ice\nFORGED")
            await service.submit(body)
            await service.admin("GET", f"/tasks/{body['task_id']}")
            submitted, shown = lines(event="request")
        assert (submitted["task_id"], submitted["user_id"]) == (body["task_id"], "al ice\nFORGED")
        assert shown["task_id"] == body["task_id"]

    async def test_requests_do_not_mix_their_ids(self) -> None:
        async with logged_service() as (service, lines):
            names = [f"r{number}" for number in range(50)]
            await asyncio.gather(*(service.client.get("/help", headers={"X-Request-ID": name}) for name in names))
            assert sorted(line["request_id"] for line in lines(event="request")) == sorted(names)

    async def test_a_bug_is_logged_with_its_traceback_and_told_as_500(self, monkeypatch: pytest.MonkeyPatch) -> None:
        async with logged_service() as (service, lines):

            def broken(*_: object) -> None:
                raise RuntimeError("a bug\nwith two lines")

            monkeypatch.setattr(service.executor, "check", broken)
            body = await service.register()
            answer = await service.submit(body)
            (line,) = lines(event="a request broke")
        assert answer.status_code == answer.json()["status_code"] == 500
        assert "a bug" not in answer.text
        assert "RuntimeError: a bug" in line["exception"]
        assert line["request_id"] == answer.headers["X-Request-ID"]
        assert line["task_id"] == body["task_id"]

    async def test_no_token_is_logged(self) -> None:
        async with logged_service() as (service, lines):
            await service.client.get("/admin/queue", headers={"X-Operator-Token": "wrong-token"})
            await service.admin("GET", "/queue")
            everything = json.dumps(lines())
        assert "wrong-token" not in everything
        assert settings().operator_token not in everything

    async def test_a_caller_who_hangs_up_is_no_bug(self) -> None:
        async with logged_service() as (service, lines):
            port = service.client.base_url.port
            _, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(
                b"POST /tasks/task HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n{"
            )
            await writer.drain()
            writer.close()
            await writer.wait_closed()

            async def access_lines() -> list[dict[str, Any]]:
                return list(lines(event="request"))

            await until(access_lines, bool)
            assert not [line for line in lines() if line["level"] in ("error", "critical")]


async def test_garbage_on_the_socket_is_refused(memory_service: Service) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", memory_service.client.base_url.port)
    writer.write(b"\x16\x03\x01 no http at all\r\n\r\n")
    assert (await reader.readline()).startswith(b"HTTP/1.1 400")
    writer.close()
    await writer.wait_closed()


async def test_many_requests_share_a_connection(memory_service: Service) -> None:
    limits = httpx.Limits(max_connections=1)
    async with local_client(base_url=memory_service.client.base_url, limits=limits) as client:
        answers = [await client.get("/healthz") for _ in range(20)]
    assert {answer.status_code for answer in answers} == {200}
