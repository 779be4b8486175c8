"""Ids of another form than the frontend's never reach Redis: its other keys share the records' prefix (contract §1)."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from domain.errors import InvalidTaskId
from tests.redis.desk import Desk, document
from tests.redis.monitored import monitored
from tests.redis.office import Office

HOSTILE = {
    "empty": "",
    "the counter": "id:sequence",
    "a metadata key": "10:metadata",
    "NUL": "10\x00",
    "a newline": "10\n",
    "a carriage return": "10\r\nDEL task:1",
    "a space before": " 10",
    "a space behind": "10 ",
    "a sign": "+10",
    "negative": "-1",
    "leading zeros": "010",
    "a float": "1.0",
    "hexadecimal": "0x10",
    "an underscore": "1_0",
    "Arabic digits": "\u0661\u0660",
    "full-width digits": "\uff11\uff10",
    "a superscript": "²",
    "a pattern": "*",
    "a hash tag": "{10}",
    "21 digits": "1" * 21,
    "1 MB": "1" * 1_000_000,
    "a lone surrogate": "\ud800",
}

Use = Callable[[Office, str], Awaitable[object]]

USES: dict[str, Use] = {
    "submit": lambda office, task_id: office.submit(task_id),
    "cancel": lambda office, task_id: office.cancel(task_id),
    "change the priority": lambda office, task_id: office.change_priority(task_id),
}


@pytest.mark.parametrize("use", USES.values(), ids=USES.keys())
async def test_no_use_case_sends_a_command_for_a_hostile_id(desk: Desk, use: Use) -> None:
    office = Office(desk)
    async with monitored(desk.redis) as commands:
        for task_id in HOSTILE.values():
            with pytest.raises(InvalidTaskId):
                await use(office, task_id)
    assert commands == []


@pytest.mark.parametrize("use", USES.values(), ids=USES.keys())
async def test_the_same_call_with_a_good_id_sends_one(desk: Desk, use: Use) -> None:
    """Shows that the test above would see it."""
    office = Office(desk)
    await desk.put("10", document("10"))
    async with monitored(desk.redis) as commands:
        await asyncio.wait_for(use(office, "10"), 20)
    assert any("task:10" in command for command in commands)


async def test_hostile_members_of_the_frontends_index_are_passed_over(desk: Desk) -> None:
    await desk.put("10", document("10"))
    members = [name for name in HOSTILE.values() if name != "\ud800"]
    await desk.redis.sadd("index:tasks", "10", b"\xff\xfe", *members)
    async with monitored(desk.redis) as commands:
        settled = await Office(desk).settle()
    assert [one.task_id for one in settled] == ["10"]
    assert "MGET dms:scheduler:task:10 task:10" in commands
    names = " ".join(commands).split()
    assert {name for name in names if name.startswith("task:")} == {"task:10"}
