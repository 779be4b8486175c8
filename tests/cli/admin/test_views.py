"""`admin tasks`, `show`, `why`, `logs` and `audit`."""

from __future__ import annotations

import asyncio
import json
from contextlib import ExitStack

import pytest

from tests.cli import program
from tests.cli.admin.operator import Operator

HOSTILE = "/data/\x1b[2J[red]<script>\r\u202e\x07"


@pytest.mark.slow
async def test_tasks_are_listed_filtered_and_paged(operator: Operator) -> None:
    first, second = await operator.submitted("running"), await operator.submitted("running", "bob")
    said = await operator.says("tasks")
    assert {tuple(line.split()[:5]) for line in said.splitlines() if line.split()[1:2] == ["running"]} == {
        (first, "running", "low", "sync", "alice"),
        (second, "running", "low", "sync", "bob"),
    }
    assert "512 bytes of 1.0 kB" in said
    only = await operator.answers("tasks", "--user", "bob", "--status", "running", "--service", "sync")
    assert [task["task_id"] for task in only["tasks"]] == [second]
    page = await operator.says("tasks", "--limit", "1")
    assert "There is more: --cursor " in page
    cursor = page.rpartition("--cursor ")[2].strip()
    rest = await operator.answers("tasks", "--limit", "1", "--cursor", cursor)
    assert len(rest["tasks"]) == 1
    assert "cursor" in await operator.refused("tasks", "--cursor", "nonsense")


async def test_a_task_is_shown(operator: Operator) -> None:
    task_id = await operator.submitted("running", src="/data/a", dst="/data/b")
    said = await operator.says("show", task_id)
    for told in ("running", "alice", "/data/b", "512 bytes of 1.0 kB", "0:00:04", ",Accepted"):
        assert told in said
    assert (await operator.answers("show", task_id))["parameters"] == {"src": "/data/a", "dst": "/data/b"}
    assert "not known" in await operator.refused("show", "4711")
    assert "task_id must be" in await operator.refused("show", "../blocks")


@pytest.mark.slow
async def test_what_users_wrote_is_shown_harmlessly(operator: Operator) -> None:
    task_id = await operator.submitted("running", "eve\x1b[31m", src=HOSTILE, dst="/data/b\nline")
    for command in ("tasks", "top"):
        assert all(each.isprintable() or each == "\n" for each in await operator.says(command))
    said = await operator.says("show", task_id)
    assert all(each.isprintable() or each == "\n" for each in said)
    assert r"/data/\x1b[2J[red]<script>\r\u202e\x07" in said
    assert (await operator.answers("show", task_id))["parameters"]["src"] == HOSTILE


async def test_why(operator: Operator) -> None:
    task_id = await operator.submitted("running")
    assert f"task {task_id}" in await operator.says("why", task_id)
    assert (await operator.answers("why", task_id))["kind"] == "running"
    await operator.refused("why", "4711")


@pytest.mark.slow
async def test_a_log_is_printed_and_followed_to_the_end(operator: Operator) -> None:
    task_id = await operator.submitted("running")
    printed = (await operator.says("logs", task_id)).splitlines()
    assert printed
    with ExitStack() as stack:
        arguments = ("admin", "logs", "-f", task_id, "--json")
        following = stack.enter_context(program.running(*arguments, env=operator.environment))
        seen = [await asyncio.to_thread(following.output.readline) for _ in printed]
        operator.service.executor.gate.set()
        rest = await asyncio.to_thread(following.output.read)
        assert await asyncio.to_thread(following.process.wait, program.LONG_S) == 0
    lines = [json.loads(line) for line in [*seen, *rest.splitlines()]]
    told = [f"{line['time']},{line['message']}" for line in lines]
    assert set(told) == set((await operator.says("logs", task_id)).splitlines())
    assert len(told) == len(set(told)) > len(printed)
    assert await operator.says("logs", "-f", task_id) == await operator.says("logs", task_id)


async def test_the_audit_tells_what_was_done(operator: Operator) -> None:
    await operator.says("block", "bob", "--reason", "quota exceeded")
    (event,) = (await operator.answers("audit"))["events"]
    assert (event["action"], event["user_id"], event["reason"]) == ("block", "bob", "quota exceeded")
    said = await operator.says("audit")
    assert "quota exceeded" in said
    assert "bob" in said
