"""The operators' blocks: everybody, one user, and the list of them."""

from __future__ import annotations

from urllib.parse import quote

import pytest

from tests.http.service import Service

STRANGE_USERS = [
    "a.b",
    "alice@example.org",
    "a/b",
    "..",
    "%2F",
    "a%2Fb",
    "ü ser",
    "a?b#c",
    "x;y=z,&+",
    "\u2028".join("ab"),
]


async def test_everybody_is_blocked_and_enabled(service: Service) -> None:
    for path, blocked in (("/block", True), ("/block", True), ("/enable", False), ("/enable", False)):
        answer = await service.admin("POST", path)
        assert (answer.status_code, answer.json()) == (200, {"blocked": blocked})
        assert (await service.admin("GET", "/blocks")).json()["blocked"] is blocked
    assert (await service.submit(await service.register())).status_code == 202


async def test_one_user_is_blocked_and_enabled(service: Service) -> None:
    alice, bob = await service.register("alice"), await service.register("bob")
    answer = await service.admin("POST", "/users/alice/block")
    assert (answer.status_code, answer.json()) == (200, {"user_id": "alice", "blocked": True})
    assert (await service.submit(alice)).status_code == 403
    assert (await service.submit(bob)).status_code == 202
    answer = await service.admin("POST", "/users/alice/enable")
    assert (answer.status_code, answer.json()) == (200, {"user_id": "alice", "blocked": False})
    assert (await service.submit(alice)).status_code == 202


@pytest.mark.parametrize(("path", "scope"), [("/block", "everybody"), ("/users/alice/block", "user")])
async def test_the_reason_of_a_block_is_told_to_whom_it_refuses(service: Service, path: str, scope: str) -> None:
    body = await service.register("alice")
    assert (await service.admin("POST", path, json={"reason": "the disks are full"})).status_code == 200
    answer = await service.submit(body)
    assert answer.status_code == 403
    assert answer.json()["extra"] == {"scope": scope, "reason": "the disks are full"}
    assert "blocked by an operator (the disks are full)" in answer.json()["detail"]
    shown = (await service.admin("GET", "/blocks")).json()
    block = {"reason": "the disks are full", "until": None}
    told = (shown["everybody"], shown["details"])
    assert told == ((block, {}) if scope == "everybody" else (None, {"alice": block}))


@pytest.mark.parametrize(("path", "scope"), [("/block", "everybody"), ("/users/alice/block", "user")])
async def test_a_block_may_end_by_itself(service: Service, path: str, scope: str) -> None:
    body = await service.register("alice")
    answer = await service.admin("POST", path, json={"until": "2036-03-12T18:00:00.123456+09:00"})
    assert answer.status_code == 200
    refused = await service.submit(body)
    assert refused.json()["extra"] == {"scope": scope, "until": "2036-03-12T09:00:00.123000Z"}
    assert "until 2036-03-12T09:00:00+00:00; submit again then" in refused.json()["detail"]
    (event,) = (await service.admin("GET", "/audit")).json()["events"]
    assert event["detail"] == "until 2036-03-12T09:00:00+00:00"


@pytest.mark.parametrize(
    "end",
    [
        "2020-01-01T00:00:00Z",
        "2036-03-12T18:00:00",
        "tomorrow",
        5,
        "0001-01-01T00:00:00+09:00",
        "9999-12-31T23:59:59-09:00",
    ],
)
async def test_an_end_must_be_a_moment_with_an_offset_that_lies_ahead(memory_service: Service, end: object) -> None:
    for path in ("/block", "/users/alice/block"):
        answer = await memory_service.admin("POST", path, json={"until": end})
        assert answer.status_code == answer.json()["status_code"] == 400
        assert answer.json()["detail"].startswith("until: ")
    assert (await memory_service.admin("GET", "/audit")).json()["events"] == []


@pytest.mark.parametrize("path", ["/block", "/enable", "/users/alice/block", "/users/alice/enable"])
async def test_a_reason_that_does_not_fit_on_a_line_is_400(memory_service: Service, path: str) -> None:
    answer = await memory_service.admin("POST", path, json={"reason": "two\nlines"})
    assert answer.status_code == answer.json()["status_code"] == 400
    assert (await memory_service.admin("GET", "/blocks")).json()["users"] == []


async def test_enabling_everybody_leaves_users_blocked(service: Service) -> None:
    alice = await service.register("alice")
    await service.admin("POST", "/users/alice/block")
    await service.admin("POST", "/enable")
    assert (await service.submit(alice)).json()["extra"] == {"scope": "user"}


async def test_accepted_tasks_run_on(service: Service) -> None:
    service.executor.gate.clear()
    body = await service.register()
    await service.submit(body)
    await service.admin("POST", "/block")
    service.executor.gate.set()
    await service.becomes(body, "completed")


@pytest.mark.parametrize("user", [user for user in STRANGE_USERS if user.isprintable()])
async def test_a_user_may_have_a_strange_name(service: Service, user: str) -> None:
    body = await service.register(user)
    answer = await service.admin("POST", f"/users/{quote(user, safe='').replace('.', '%2E')}/block")
    assert (answer.status_code, answer.json()) == (200, {"user_id": user, "blocked": True})
    assert (await service.submit(body)).status_code == 403
    assert (await service.admin("GET", "/blocks")).json()["users"] == [user]
    assert (await service.admin("POST", f"/users/{quote(user, safe='').replace('.', '%2E')}/enable")).status_code == 200
    assert (await service.submit(body)).status_code == 202


@pytest.mark.parametrize("segment", ["%00", "a%0Ab", "%E2%80%A8", "%FF", "%C3", "a" * 257])
async def test_a_name_that_no_account_can_have_is_400(service: Service, segment: str) -> None:
    answer = await service.admin("POST", f"/users/{segment}/block")
    assert answer.status_code == answer.json()["status_code"] == 400
    assert (await service.admin("GET", "/blocks")).json()["users"] == []


async def test_blocked_users_come_in_pages(service: Service) -> None:
    users = {f"user{number:03}" for number in range(250)}
    for user in users:
        await service.admin("POST", f"/users/{user}/block")
    seen: list[str] = []
    cursor: str | None = None
    for _ in range(len(users)):
        page = (
            await service.admin("GET", "/blocks", params={"limit": 100, **({"cursor": cursor} if cursor else {})})
        ).json()
        seen += page["users"]
        cursor = page["cursor"]
        if cursor is None:
            break
    assert cursor is None
    assert set(seen) == users


@pytest.mark.parametrize("limit", ["0", "-1", "1001", "many", "1.5", ""])
async def test_the_size_of_a_page_is_bounded(memory_service: Service, limit: str) -> None:
    answer = await memory_service.admin("GET", "/blocks", params={"limit": limit})
    assert answer.status_code == answer.json()["status_code"] == 400
    assert answer.json()["detail"].startswith("limit: ")
