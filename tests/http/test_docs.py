"""The API documentation works without internet access, and tells every error of every route."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from tests.http.service import Service

Document = dict[str, Any]


@pytest.fixture
async def document(memory_service: Service) -> Document:
    answer = await memory_service.client.get("/openapi.json")
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "application/json")
    return dict(answer.json())


def operations(document: Document) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, item in document["paths"].items():
        for method, operation in item.items():
            yield path, method, operation


async def test_the_page_loads_from_here_only(memory_service: Service) -> None:
    page = await memory_service.client.get("/docs")
    assert (page.status_code, page.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    policy = page.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self';" in policy
    assert "http" not in policy
    assert "<script>" not in page.text
    wanted = re.findall(r'(?:src|href)="([^"]+)"', page.text)
    assert len(wanted) == 5
    for url in wanted:
        assert url.startswith("/")
        assert (await memory_service.client.get(url)).status_code == 200


@pytest.mark.parametrize(
    ("name", "kind", "content"),
    [
        ("swagger-ui-bundle.js", "text/javascript", b"SwaggerUIBundle"),
        ("swagger-ui.css", "text/css", b".swagger-ui"),
        ("favicon-32x32.png", "image/png", b"\x89PNG"),
        ("start.js", "text/javascript", b'url: "/openapi.json"'),
    ],
)
async def test_its_files_have_their_types(memory_service: Service, name: str, kind: str, content: bytes) -> None:
    answer = await memory_service.client.get(f"/docs/assets/{name}")
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].partition(";")[0] == kind
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert content in answer.content


@pytest.mark.parametrize("name", ["page.html", "assets.py", "__init__.py", "index.html", "..%2Fapp.py", "%2E%2E"])
async def test_other_files_are_not_served(memory_service: Service, name: str) -> None:
    assert (await memory_service.client.get(f"/docs/assets/{name}")).status_code == 404


async def test_every_route_of_the_api_is_described(document: Document) -> None:
    assert {(method.upper(), path) for path, method, _ in operations(document)} == {
        ("POST", "/tasks/task"),
        ("POST", "/tasks/cancel"),
        ("POST", "/admin/priority"),
        ("POST", "/admin/block"),
        ("POST", "/admin/enable"),
        ("POST", "/admin/users/{user_id}/block"),
        ("POST", "/admin/users/{user_id}/enable"),
        ("GET", "/admin/blocks"),
        ("GET", "/admin/queue"),
        ("POST", "/admin/drain"),
        ("POST", "/admin/resume"),
        ("GET", "/admin/replicas"),
        ("GET", "/admin/tasks"),
        ("GET", "/admin/tasks/at-work"),
        ("GET", "/admin/tasks/{task_id}"),
        ("POST", "/admin/tasks/{task_id}/cancel"),
        ("POST", "/admin/tasks/{task_id}/retry"),
        ("GET", "/admin/tasks/{task_id}/why"),
        ("GET", "/admin/tasks/{task_id}/events"),
        ("GET", "/admin/audit"),
        ("GET", "/admin/throughput"),
        ("GET", "/admin/users"),
        ("GET", "/admin/webhooks"),
        ("GET", "/healthz"),
        ("GET", "/readyz"),
        ("GET", "/help"),
        ("GET", "/metrics"),
    }


async def test_every_operation_has_name_summary_and_description(document: Document) -> None:
    names = set()
    for _, _, operation in operations(document):
        assert operation["summary"]
        assert operation["description"]
        assert len(operation["tags"]) == 1
        names.add(operation["operationId"])
    assert len(names) == len(list(operations(document)))


async def test_every_error_is_described_with_the_one_schema(document: Document) -> None:
    for path, _, operation in operations(document):
        for status, response in operation["responses"].items():
            if int(status) >= 400:
                schema = response["content"]["application/json"]["schema"]
                assert schema == {"$ref": "#/components/schemas/ErrorBody"}, (path, status)
                assert response["description"]


@pytest.mark.parametrize(
    ("method", "path", "statuses"),
    [
        ("post", "/tasks/task", "202 400 403 404 409 413 415 503"),
        ("post", "/tasks/cancel", "202 400 403 404 413 415 503"),
        ("post", "/admin/priority", "202 400 401 403 404 409 413 415 503"),
        ("post", "/admin/block", "200 400 401 403 413 415 503"),
        ("post", "/admin/users/{user_id}/enable", "200 400 401 403 413 415 503"),
        ("get", "/admin/blocks", "200 400 401 403 503"),
        ("get", "/admin/queue", "200 401 403 503"),
        ("post", "/admin/drain", "200 400 401 403 404 409 413 415 503"),
        ("post", "/admin/resume", "200 400 401 403 413 415 503"),
        ("get", "/admin/tasks/{task_id}", "200 400 401 403 404 503"),
        ("post", "/admin/tasks/{task_id}/cancel", "202 400 401 403 404 413 415 503"),
        ("post", "/admin/tasks/{task_id}/retry", "202 400 401 403 404 409 413 415 503"),
        ("get", "/admin/tasks/{task_id}/why", "200 400 401 403 404 503"),
        ("get", "/admin/audit", "200 400 401 403 503"),
        ("get", "/admin/tasks/{task_id}/events", "200 400 401 403 404 503"),
        ("get", "/healthz", "200"),
        ("get", "/readyz", "200 503"),
    ],
)
async def test_these_statuses_are_described(document: Document, method: str, path: str, statuses: str) -> None:
    assert sorted(document["paths"][path][method]["responses"]) == statuses.split()


async def test_the_body_of_an_action_that_may_say_why_is_optional(document: Document) -> None:
    optional = {
        path
        for path, _, operation in operations(document)
        if not operation.get("requestBody", {"required": True})["required"]
    }
    assert optional == {
        "/admin/block",
        "/admin/enable",
        "/admin/users/{user_id}/block",
        "/admin/users/{user_id}/enable",
        "/admin/tasks/{task_id}/cancel",
        "/admin/tasks/{task_id}/retry",
        "/admin/drain",
        "/admin/resume",
    }


async def test_operator_routes_name_their_token(document: Document) -> None:
    (scheme,) = document["components"]["securitySchemes"].values()
    assert (scheme["type"], scheme["in"], scheme["name"]) == ("apiKey", "header", "X-Operator-Token")
    for path, _, operation in operations(document):
        assert bool(operation.get("security")) is path.startswith("/admin/")


async def test_bodies_have_examples_and_say_what_is_accepted(document: Document) -> None:
    schemas = document["components"]["schemas"]
    task_id = schemas["SubmitBody"]["properties"]["task_id"]
    assert task_id["examples"] == ["10"]
    assert task_id["pattern"] == "^(0|[1-9][0-9]{0,19})$"
    assert schemas["SubmitBody"]["required"] == ["parameters", "service", "task_id", "user_id"]
    assert schemas["PriorityBody"]["properties"]["priority"]["enum"] == ["high", "low"]
    parameters = {each["name"]: each for each in document["paths"]["/admin/tasks"]["get"]["parameters"]}
    assert set(parameters) == {"status", "user", "service", "failure", "cursor", "limit"}
    assert "cancel_requested" in str(parameters["status"]["schema"])
    assert (parameters["limit"]["schema"]["minimum"], parameters["limit"]["schema"]["maximum"]) == (1, 1000)
