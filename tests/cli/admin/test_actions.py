"""`admin cancel`, `retry`, `priority`, `block`, `enable`, `drain` and `resume`."""

from __future__ import annotations

import socket
from datetime import datetime

import pytest

from tests.cli.admin.operator import Operator
from tests.cli.admin.terminal import terminal

NAME = socket.gethostname()


async def test_a_task_is_cancelled_and_retried(operator: Operator) -> None:
    task_id = await operator.submitted("running")
    assert f"task {task_id}: cancel" in await operator.says("cancel", task_id, "--reason", "too large")
    assert "too large" in await operator.says("logs", "-f", task_id)
    assert "generation 2" in await operator.says("retry", task_id)
    assert "wait for its end" in await operator.refused("retry", task_id)


@pytest.mark.slow
async def test_of_several_tasks_one_that_is_unknown_does_not_keep_the_others(operator: Operator) -> None:
    task_id = await operator.submitted("running")
    ended = await operator.run("cancel", "4711", task_id)
    assert ended.returncode == 1
    assert "4711" in ended.stderr
    assert f"task {task_id}: cancel" in ended.stdout


@pytest.mark.slow
async def test_all_of_a_user_are_cancelled_after_a_preview(operator: Operator) -> None:
    running = [await operator.submitted("running") for _ in range(2)]
    body = await operator.service.register()
    await operator.service.submit(body)
    other = await operator.service.register("bob")
    await operator.service.submit(other)
    told = await operator.refused("cancel", "--user", "alice", code=2)
    assert "3 tasks of user alice (" in told
    assert "2 running" in told
    assert "--yes" in told
    said = await operator.says("cancel", "--user", "alice", "--service", "sync", "--yes")
    assert "Cancelling 3 tasks of user alice of service sync" in said
    for task_id in [*running, str(body["task_id"])]:
        assert f"task {task_id}: cancel" in said
    operator.service.executor.gate.set()
    await operator.service.becomes(other, "completed")
    assert (await operator.answers("cancel", "--user", "alice", "--yes"))["tasks"] == []


@pytest.mark.parametrize(("typed", "code"), [(b"y\n", 0), (b"\n", 1)])
async def test_somebody_at_a_terminal_is_asked(operator: Operator, typed: bytes, code: int) -> None:
    task_id = await operator.submitted("running")
    with terminal(operator.environment, "cancel", "--user", "alice") as asked:
        await asked.until("Cancel 1 task of user alice (1 running)? [y/N]")
        asked.type(typed)
        assert await asked.end() == code
    assert (f"task {task_id}: cancel" in asked.said) is (code == 0)
    assert ("nothing was cancelled" in asked.said) is (code == 1)


async def test_a_priority_is_changed(operator: Operator) -> None:
    task_id = await operator.submitted("running")
    assert await operator.says("priority", task_id, "high") == f"task {task_id} has priority high\n"
    assert (await operator.answers("priority", task_id, "low"))["priority"] == "low"
    assert "not registered" in await operator.refused("priority", "4711", "high")


@pytest.mark.slow
async def test_submits_are_refused_and_taken_again(operator: Operator) -> None:
    strange = "a/b ..%"
    body = await operator.service.register(strange)
    assert "are refused" in await operator.says("block", strange, "--reason", "quota")
    assert (await operator.service.submit(body)).status_code == 403
    assert "are taken" in await operator.says("enable", strange)
    assert (await operator.answers("block", "--everybody"))["blocked"] is True
    assert (await operator.service.submit(body)).status_code == 403
    assert "until" in await operator.refused("block", strange, "--until", "tomorrow")
    moment = "2036-03-12T18:00:00+09:00"
    await operator.says("block", strange, "--until", moment)
    said = (await operator.service.admin("GET", "/blocks")).json()["details"][strange]
    assert datetime.fromisoformat(said["until"]) == datetime.fromisoformat(moment)
    await operator.says("enable", strange)
    await operator.says("enable", "--everybody")
    assert (await operator.service.submit(body)).status_code == 202


@pytest.mark.slow
async def test_replicas_are_drained_and_resumed(operator: Operator) -> None:
    assert await operator.says("drain") == "all replicas are drained\n"
    assert await operator.says("drain", "--replica", NAME) == f"all replicas are drained; by name too: {NAME}\n"
    assert await operator.says("resume") == f"drained by name: {NAME}\n"
    assert await operator.says("resume", "--replica", NAME) == "no replica is drained\n"
    assert NAME in await operator.refused("drain", "--replica", "elsewhere")
    assert await operator.answers("drain") == {"drained": True, "drained_replicas": []}


@pytest.mark.parametrize(
    "arguments",
    [
        ("cancel",),
        ("cancel", "1", "--user", "alice"),
        ("block",),
        ("block", "alice", "--everybody"),
        ("priority", "1", "urgent"),
        ("tasks", "--status", "lost"),
        ("tasks", "--token", "secret"),
        ("top", "--every", "0"),
    ],
    ids=" ".join,
)
async def test_a_command_line_that_cannot_be_used_is_told_in_one_line(
    operator: Operator, arguments: tuple[str, ...]
) -> None:
    await operator.refused(*arguments, code=2)
