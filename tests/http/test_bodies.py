"""What is no good as a body is answered 400, 413 or 415, with the reason."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator

import pytest

from entrypoints.http.bodies import DEEPEST, MAX_BODY_BYTES
from tests.http.service import Service

JSON = {"Content-Type": "application/json"}

GOOD: dict[str, object] = {"task_id": "1", "service": "sync", "user_id": "alice", "parameters": {}}
"""Nobody registered it: whoever reads it as it is answers 404."""


def nested(levels: int) -> bytes:
    """A good body, nested so many levels deep."""
    inner = "[" * (levels - 2) + "]" * (levels - 2)
    return json.dumps(GOOD).replace('"parameters": {}', f'"parameters": {{"deep": {inner}}}').encode()


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "the body is empty"),
        (b"{", "not valid JSON"),
        (b'{"task_id": "1",}', "not valid JSON"),
        (b"{} {}", "not valid JSON"),
        (b"\xef\xbb\xbf{}", "not valid JSON"),
        (b'{"task_id": "\xff"}', "not UTF-8"),
        (json.dumps(GOOD).encode("utf-16"), "not UTF-8"),
        (b'{"task_id": "\\ud800"}', "not valid JSON"),
        (b'{"task_id": "\\udc00\\ud800"}', "not valid JSON"),
        (b'{"task_id": "a\nb"}', "not valid JSON"),
        (b'{"parameters": NaN}', "not valid JSON"),
        (b'{"parameters": {"a": [Infinity]}}', "not valid JSON"),
        (b'{"parameters": {"a": -Infinity}}', "not valid JSON"),
        (b'{"parameters": {"a": 1e999}}', "not valid JSON"),
        (b'{"parameters": {"a": ' + b"9" * 5000 + b"}}", "not valid JSON"),
        (b'{"task_id": "1", "task_id": "2"}', "'task_id' stands twice"),
        (b'{"task_id": "1", "t\\u0061sk_id": "2"}', "'task_id' stands twice"),
        (b'{"parameters": {"a": {"b": 1, "b": 1}}}', "'b' stands twice"),
        (b"[" * 100_000, "nested deeper"),
        (b"[" * 100_000 + b"]" * 100_000, "nested deeper"),
        (b'{"a":' * 50_000 + b"1" + b"}" * 50_000, "nested deeper"),
        (nested(DEEPEST + 1), "nested deeper"),
        (b"[]", "Expected 'object', got 'array'"),
        (b"null", "Expected 'object', got 'null'"),
        (b'"text"', "Expected 'object', got 'str'"),
        (b"{}", "missing required field 'task_id'"),
        (json.dumps({**GOOD, "task_id": 1}).encode(), "task_id: Expected 'str', got 'int'"),
        (json.dumps({**GOOD, "task_id": None}).encode(), "task_id: Expected 'str', got 'null'"),
        (json.dumps({**GOOD, "service": ["sync"]}).encode(), "service: Expected 'str', got 'array'"),
        (json.dumps({**GOOD, "user_id": True}).encode(), "user_id: Expected 'str', got 'bool'"),
        (json.dumps({**GOOD, "user_id": "a" * 1025}).encode(), "user_id: Expected 'str' of length <= 1024"),
        (json.dumps({**GOOD, "parameters": []}).encode(), "parameters: Expected 'object', got 'array'"),
        (json.dumps({**GOOD, "parameters": None}).encode(), "parameters: Expected 'object', got 'null'"),
        (json.dumps({**GOOD, "parameters": "{}"}).encode(), "parameters: Expected 'object', got 'str'"),
    ],
)
async def test_what_is_no_good_is_400_with_the_reason(memory_service: Service, body: bytes, reason: str) -> None:
    answer = await memory_service.client.post("/tasks/task", content=body, headers=JSON)
    told = answer.json()
    assert answer.status_code == told["status_code"] == 400, told
    assert reason in told["detail"]
    assert len(told["detail"]) < 500


HOSTILE_IDS = [
    *("", " ", "abc", "id:sequence", "10:metadata", "-1", "+1", "01", "1.0", "1e3", "1 ", " 1", "1\n", "1\0", "\u0661"),
    *("*", "../1", "1" * 21, "1" * 1000, "0x1"),
]


@pytest.mark.parametrize("task_id", HOSTILE_IDS)
async def test_an_id_of_another_form_is_400_everywhere(service: Service, task_id: str) -> None:
    told = [
        await service.submit({**GOOD, "task_id": task_id}),
        await service.cancel({**GOOD, "task_id": task_id}),
        await service.admin("POST", "/priority", json={"task_id": task_id, "priority": "high"}),
    ]
    for answer in told:
        assert answer.status_code == answer.json()["status_code"] == 400
        assert "task_id must be a decimal number" in answer.json()["detail"]


async def test_the_deepest_body_is_read(memory_service: Service) -> None:
    answer = await memory_service.client.post("/tasks/task", content=nested(DEEPEST), headers=JSON)
    assert answer.status_code == 404


async def test_a_body_of_one_mebibyte_is_read(memory_service: Service) -> None:
    answer = await memory_service.client.post("/tasks/task", content=padded(MAX_BODY_BYTES), headers=JSON)
    assert answer.status_code == 404


@pytest.mark.parametrize("path", ["/tasks/task", "/tasks/cancel"])
async def test_a_larger_body_is_413(memory_service: Service, path: str) -> None:
    answer = await memory_service.client.post(path, content=padded(MAX_BODY_BYTES + 1), headers=JSON)
    assert answer.status_code == answer.json()["status_code"] == 413
    assert str(MAX_BODY_BYTES) in answer.json()["detail"]


async def test_a_larger_body_without_a_length_is_413(memory_service: Service) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        yield padded(0)
        for _ in range(20):
            yield b" " * (MAX_BODY_BYTES // 10)

    answer = await memory_service.client.post("/tasks/task", content=chunks(), headers=JSON)
    assert "Content-Length" not in answer.request.headers
    assert answer.status_code == answer.json()["status_code"] == 413


async def test_a_larger_body_is_413_where_none_is_read(memory_service: Service) -> None:
    answer = await memory_service.admin("POST", "/block", content=b" " * (MAX_BODY_BYTES + 1))
    assert answer.status_code == answer.json()["status_code"] == 413
    assert (await memory_service.admin("GET", "/blocks")).json()["blocked"] is False


async def test_the_connection_can_be_used_after_413(memory_service: Service) -> None:
    for _ in range(3):
        answer = await memory_service.client.post("/tasks/task", content=padded(3 * MAX_BODY_BYTES), headers=JSON)
        assert answer.status_code == 413
        assert (await memory_service.client.get("/healthz")).status_code == 200


@pytest.mark.parametrize(
    "kind", ["application/json", "Application/JSON; charset=utf-8", "application/vnd.dms+json", "application/json;"]
)
async def test_json_may_be_declared_in_these_ways(memory_service: Service, kind: str) -> None:
    answer = await memory_service.client.post(
        "/tasks/task", content=json.dumps(GOOD).encode(), headers={"Content-Type": kind}
    )
    assert answer.status_code == 404


@pytest.mark.parametrize(
    "kind", [None, "", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "json"]
)
async def test_what_is_not_declared_as_json_is_415(memory_service: Service, kind: str | None) -> None:
    headers = {} if kind is None else {"Content-Type": kind}
    answer = await memory_service.client.post("/tasks/task", content=json.dumps(GOOD).encode(), headers=headers)
    assert answer.status_code == answer.json()["status_code"] == 415
    assert "Content-Type: application/json" in answer.json()["detail"]


def padded(size: int) -> bytes:
    """A good body of so many bytes."""
    return json.dumps(GOOD).encode().ljust(size)
