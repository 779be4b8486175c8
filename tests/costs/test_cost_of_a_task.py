"""What a quick task costs, from its submit over HTTP to its last look, in numbers that no other load can change.

The bounds stand a tenth above what was counted when they were set (docs/performance.md). Whoever meets one has made
every task dearer: find out by what, and raise the bound only for something that is worth it. Lines that are logged are
left out: here they would be rendered by what pytest keeps of them, too.
"""

from pathlib import Path

import pytest

from tests.costs.counting import allocations_counted, calls_counted
from tests.costs.tasks import quick_tasks
from tests.redis.costs import counted

pytestmark = pytest.mark.slow

TASKS = 96


@pytest.mark.parametrize(
    ("concurrency", "most_commands", "most_round_trips"), [(1, 45.0, 6.0), (16, 40.0, 2.0)], ids=["one by one", "16"]
)
async def test_redis_commands_and_round_trips(
    redis_url: str, concurrency: int, most_commands: float, most_round_trips: float
) -> None:
    async with quick_tasks(redis_url) as tasks:
        ids = await tasks.register(TASKS)
        async with counted(tasks.redis) as cost:
            await tasks.bring_home(ids, concurrency)
    assert cost.total / TASKS <= most_commands, cost.commands
    assert cost.reads / TASKS <= most_round_trips


@pytest.mark.parametrize(("concurrency", "most"), [(1, 1150), (16, 1110)], ids=["one by one", "16"])
async def test_calls_of_python_functions(redis_url: str, concurrency: int, most: int) -> None:
    async with quick_tasks(redis_url) as tasks:
        ids = await tasks.register(TASKS)
        with calls_counted() as count:
            await tasks.bring_home(ids, concurrency)
    assert count.number / TASKS <= most


@pytest.mark.parametrize(("concurrency", "most"), [(1, 7_900), (16, 8_300)], ids=["one by one", "16"])
async def test_allocations(redis_url: str, tmp_path: Path, concurrency: int, most: int) -> None:
    async with quick_tasks(redis_url) as tasks:
        ids = await tasks.register(TASKS)
        with allocations_counted(tmp_path) as count:
            await tasks.bring_home(ids, concurrency)
    assert count.number / TASKS <= most
