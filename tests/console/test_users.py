"""The users' page: who has how much, in which order."""

from __future__ import annotations

from application.ports import UserWaits
from application.users import NO_BLOCKS, UserRow, user_rows
from domain.blocks import Block
from domain.ports import BlockPage
from domain.values import Priority
from tests.console.operator import Operator
from tests.console.test_pages import HOSTILE, running


def test_who_has_most_comes_first() -> None:
    waits = [
        UserWaits("bob", Priority.LOW, "sync", 3),
        UserWaits("bob", Priority.HIGH, "rm", 1),
        UserWaits("alice", Priority.LOW, "sync", 5),
        UserWaits("bob", Priority.LOW, "cp", 2),
    ]
    blocks = BlockPage(None, {"carol": Block("a full disk"), "alice": Block()}, None)
    assert user_rows((), waits, blocks) == [
        UserRow("bob", 0, 1, 5, None),
        UserRow("alice", 0, 0, 5, Block()),
        UserRow("carol", 0, 0, 0, Block("a full disk")),
    ]
    assert user_rows((), (), NO_BLOCKS) == []


async def test_a_user_with_tasks_is_shown(operator: Operator) -> None:
    assert "Nobody has a live task" in await operator.see("/users")
    await running(operator)
    page = await operator.see("/users")
    assert '<td data-name="At work">1</td>' in page
    assert 'href="/console/tasks?user=alice"' in page
    assert 'href="/console/tasks?user=alice"' in await operator.see()


async def test_a_name_goes_back_as_it_came(operator: Operator) -> None:
    service = operator.service
    service.executor.gate.clear()
    await service.submit(await service.register(HOSTILE))
    page = await operator.see("/users")
    assert "<script>alert" not in page
    assert "<bdi>/data/&lt;script&gt;" in page
    assert "\u202e" in page.split('name="name" value="')[1].split('"')[0]
