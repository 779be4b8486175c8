"""`admin throughput` and `users`."""

from __future__ import annotations

import re

import pytest

from entrypoints.cli.admin.throughput import sparkline
from tests.cli.admin.operator import Operator


@pytest.mark.parametrize(
    ("values", "line"),
    [((), ""), ((0, 0), "··"), ((1,), "█"), ((0, 1, 4, 8), "·▁▄█"), ((1, 1_000_000), "▁█"), ((3, 3), "██")],
)
def test_a_sparkline(values: tuple[int, ...], line: str) -> None:
    assert sparkline(values) == line


async def test_what_was_done_is_shown(operator: Operator) -> None:
    task_id = await operator.submitted("running")
    operator.service.executor.gate.set()
    await operator.service.becomes({"task_id": task_id}, "completed")
    await operator.service.submit(await operator.service.register(service="mv"))
    said = await operator.says("throughput")
    assert len(re.findall(r"last (?:hour|day) +1 +1 +0 +\d+\.\d +\d+ bytes/s +512 bytes", said)) == 2
    assert re.search(r"tasks by minute, last hour +[·▁-█]{60}\n", said)
    assert re.search(r"bytes by half hour, last day +[·▁-█]{48} *\n", said)
    assert re.search(r"refused +1 +1", said)
    assert [task["task_id"] for task in (await operator.answers("tasks", "--failure", "refused"))["tasks"]] == ["2"]
    assert (await operator.answers("tasks", "--failure", "no_space"))["tasks"] == []
    assert (await operator.answers("throughput"))["hour"]["failures"] == {"refused": 1}


@pytest.mark.slow
async def test_users_are_shown_in_the_order_that_is_asked_for(operator: Operator) -> None:
    await operator.submitted("running", "bob\x1b[31m")
    await operator.says("block", "alice", "--reason", "a full disk", "--until", "2036-03-12T18:00:00+09:00")
    said = await operator.says("users", "--sort", "week")
    assert re.search(r"bob\\x1b\[31m +1 +0 +0 +512 bytes +512 bytes +taken", said)
    assert re.search(r"alice +0 +0 +0 +0 bytes +0 bytes +refused until 2036-03-12 .*: a full disk", said)
    assert "Moved since" in said
    assert [user["user_id"] for user in (await operator.answers("users", "--limit", "1"))["users"]] == ["bob\x1b[31m"]
    assert "There may be more users." in await operator.says("users", "--limit", "1")
    await operator.refused("users", "--sort", "size", code=2)
    await operator.refused("users", "--limit", "0")
