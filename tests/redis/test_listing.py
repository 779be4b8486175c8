"""Listings of many tasks, in pages, with cursors that only we can have given."""

import pytest

from adapters.redis.listing import RedisTaskListing
from domain.ports import TaskFilter
from domain.values import TaskStatus
from tests.redis.crowd import FIRST_ID, let_wait
from tests.redis.desk import Desk, task_of
from tests.redis.office import Office

EVERYTHING = TaskFilter()


async def walk(listing: RedisTaskListing, wanted: TaskFilter, limit: int) -> list[str]:
    """All ids, page by page. No page is longer than asked for."""
    ids: list[str] = []
    cursor = None
    while True:
        page = await listing.page(wanted, cursor, limit)
        assert len(page.tasks) <= limit
        ids += [task.task_id for task in page.tasks]
        if page.cursor is None:
            return ids
        cursor = page.cursor


async def test_every_task_is_shown_once_whatever_the_size_of_the_page(desk: Desk) -> None:
    await let_wait(desk, 1_000, users=7)
    office = Office(desk)
    assert await office.work(300) == 300
    await desk.claim(10)
    listing = RedisTaskListing(desk.endpoints)
    everything = sorted(str(FIRST_ID + number) for number in range(1_000))
    for limit in (3, 50, 5_000):
        assert sorted(await walk(listing, EVERYTHING, limit)) == everything
    assert len(await walk(listing, TaskFilter(status=TaskStatus.COMPLETED), 100)) == 300
    mine = await walk(listing, TaskFilter(user_id="user-3", status=TaskStatus.PENDING), 7)
    assert len(mine) == len(set(mine)) > 90


async def test_live_tasks_come_first_and_ended_ones_latest_first(desk: Desk) -> None:
    for task_id in ("1", "2", "3"):
        await desk.run(task_id)
    await desk.accept("4")
    assert await walk(RedisTaskListing(desk.endpoints), EVERYTHING, 2) == ["4", "3", "2", "1"]


async def test_a_task_that_is_live_again_is_not_shown_as_ended_too(desk: Desk) -> None:
    """The ledger of an ended task expired, and its id was used again: the index of the ended still knows it."""
    await desk.run("10")
    await desk.redis.delete("dms:scheduler:task:10")
    await desk.accept("10", created_at="2026-04-01T00:00:00+00:00")
    assert await walk(RedisTaskListing(desk.endpoints), EVERYTHING, 10) == ["10"]


async def test_a_ledger_that_cannot_be_read_is_left_out(desk: Desk) -> None:
    await desk.accept("1")
    await desk.accept("2")
    await desk.redis.set("dms:scheduler:task:1", b"junk")
    assert await walk(RedisTaskListing(desk.endpoints), EVERYTHING, 10) == ["2"]


@pytest.mark.parametrize(
    "cursor",
    ["", "x", "live", "live-1", "live--1-0", "dead-1-0", "live-1-0-0", " live-1-0", "live-1-0\n", "live-\u0661-0"]
    + [f"{part}-{'9' * 30}-0" for part in ("live", "ended")],
)
async def test_a_cursor_that_is_not_ours_is_refused(desk: Desk, cursor: str) -> None:
    with pytest.raises(ValueError, match="cursor"):
        await RedisTaskListing(desk.endpoints).page(EVERYTHING, cursor, 10)


@pytest.mark.parametrize("cursor", [f"{part}-{'9' * 18}-{'9' * 9}" for part in ("live", "ended")])
async def test_a_cursor_far_behind_the_end_shows_nothing_of_its_part(desk: Desk, cursor: str) -> None:
    done = await desk.run("10")
    page = await RedisTaskListing(desk.endpoints).page(EVERYTHING, cursor, 10)
    assert [task.task_id for task in page.tasks] in ([], [task_of(done).task_id])
