"""The port `ChangeFeed`: each commit that people see, once and in order, and what can be asked for again."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing, asynccontextmanager
from dataclasses import replace

import pytest

from application.feed import FEED_KEPT, FeedBegan, FeedEntry, FeedNews, FeedPlace
from domain.feed import ChangeKind, TaskChange
from domain.values import Priority, Progress, TaskStatus
from tests.stores.harness import StoreHarness
from tests.stores.story import Story, record_of, task_of, token_of, with_line


class Follower:
    """Reads a feed, and knows where it began."""

    def __init__(self, news: AsyncIterator[FeedNews], patience_s: float) -> None:
        self._news = news
        self._patience_s = patience_s
        self.place = FeedPlace("00000000", 0)

    async def begin(self) -> FeedPlace:
        """Read what must be a beginning."""
        news = await self._next()
        assert isinstance(news, FeedBegan)
        self.place = news.place
        return news.place

    async def changes(self, number: int) -> list[FeedEntry]:
        """Read so many changes, which must come next."""
        found: list[FeedEntry] = []
        while len(found) < number:
            news = await self._next()
            assert not isinstance(news, FeedBegan)
            assert news.entries
            found += news.entries
        assert len(found) == number
        self.place = found[-1].place
        return found

    async def _next(self) -> FeedNews:
        async with asyncio.timeout(self._patience_s):
            return await anext(self._news)


@asynccontextmanager
async def following(store: StoreHarness) -> AsyncIterator[Follower]:
    """Follow the feed from now on."""
    async with aclosing(store.feed.follow()) as news:
        follower = Follower(news, store.patience_s)
        await follower.begin()
        yield follower


def kinds(entries: Sequence[FeedEntry]) -> list[tuple[ChangeKind, TaskStatus]]:
    return [(entry.change.kind, entry.change.status) for entry in entries]


async def test_a_tasks_way_is_told_step_by_step(store: StoreHarness, story: Story) -> None:
    async with following(store) as follower:
        done = await story.complete(await story.at_work("1"))
        told = await follower.changes(4)
    statuses = (TaskStatus.PENDING, TaskStatus.DISPATCHING, TaskStatus.RUNNING, TaskStatus.COMPLETED)
    assert kinds(told) == [(ChangeKind.TASK, status) for status in statuses]
    task = task_of(done)
    assert told[-1].change == TaskChange(
        ChangeKind.TASK, "1", "sync", "alice", task.status, Priority.LOW, 1, 1, task.updated_at
    )


async def test_progress_is_told_as_such(store: StoreHarness, story: Story) -> None:
    running = await story.at_work("1")
    progress = Progress(5, 10, 1, 2, 2.5, 2.0)
    async with following(store) as follower:
        await story.change(running, task_of(running).report(token_of(running), story.at(), progress, None))
        (told,) = await follower.changes(1)
    assert (told.change.kind, told.change.progress) == (ChangeKind.PROGRESS, progress)


async def test_what_nobody_sees_is_not_told(store: StoreHarness, story: Story) -> None:
    accepted = await story.accept("1")
    async with following(store) as follower:
        learnt = await story.change(accepted, task_of(accepted).learn(("2026-03-12T10:00:00,a line",)))
        await store.tasks.commit(learnt, learnt.task, with_line(record_of(learnt), "2026-03-12T10:00:01,another"))
        await story.claim()
        await story.refuse("2")
        assert kinds(await follower.changes(1)) == [(ChangeKind.TASK, TaskStatus.FAILED)]


async def test_a_refused_commit_is_not_told(store: StoreHarness, story: Story) -> None:
    accepted = await story.accept("1")
    await story.change(accepted, task_of(accepted).change_priority(Priority.HIGH, story.at()))
    async with following(store) as follower:
        with pytest.raises(Exception, match="changed by somebody else"):
            await story.change(accepted, task_of(accepted).request_cancel(story.at()))
        await story.refuse("2")
        assert [entry.change.task_id for entry in await follower.changes(1)] == ["2"]


async def test_every_follower_is_told_the_same(store: StoreHarness, story: Story) -> None:
    async with following(store) as one, following(store) as other:
        await story.complete(await story.at_work("1"))
        assert await one.changes(4) == await other.changes(4)


async def test_what_was_told_can_be_asked_for_again_from_any_place(store: StoreHarness, story: Story) -> None:
    async with following(store) as follower:
        begin = follower.place
        await story.complete(await story.at_work("1"))
        told = await follower.changes(4)
    places = [begin, *(entry.place for entry in told)]
    assert places == sorted(set(places))
    assert [FeedPlace.parse(str(place)) for place in places] == places
    for number, place in enumerate(places):
        assert await store.feed.after(place, places[-1], 10) == told[number:]
        assert await store.feed.after(place, places[-1], 2) == told[number : number + 2]
    assert await store.feed.after(begin, places[2], 10) == told[:2]
    assert await store.feed.after(places[3], places[1], 10) == []


async def test_a_place_that_is_not_known_is_none(store: StoreHarness, story: Story) -> None:
    async with following(store) as follower:
        await story.refuse("1")
        (told,) = await follower.changes(1)
    end = told.place
    for place in (
        replace(end, server="ffffffff"),
        replace(end, number=end.number + 1),
        replace(end, part=end.part + 1),
        FeedPlace(end.server, 10**16 - 1),
    ):
        assert await store.feed.after(place, end, 10) is None


@pytest.mark.slow
async def test_the_oldest_make_room(store: StoreHarness, story: Story) -> None:
    async with following(store) as follower:
        begin = follower.place
        snapshot = await story.accept("1")
        (first,) = await follower.changes(1)
        for number in range(FEED_KEPT + 200):
            wanted = Priority.LOW if number % 2 else Priority.HIGH
            task = replace(task_of(snapshot), priority=wanted)
            snapshot = await store.tasks.commit(snapshot, task, record_of(snapshot))
            (latest,) = await follower.changes(1)
        assert await store.feed.after(begin, latest.place, 10) is None
        assert await store.feed.after(first.place, latest.place, 10) is None
        assert await store.feed.after(latest.place, latest.place, 10) == []


async def test_a_fail_over_begins_the_feed_anew(store: StoreHarness, story: Story) -> None:
    async with following(store) as follower:
        accepted = await story.accept("1")
        saved = await store.save()
        await story.change(accepted, task_of(accepted).change_priority(Priority.HIGH, story.at()))
        told = await follower.changes(2)
        await store.fail_over(saved)
        begun = await follower.begin()
        assert begun.server != told[-1].place.server
        for entry in told:
            assert await store.feed.after(entry.place, begun, 10) is None
        await story.refuse("2")
        assert [entry.change.task_id for entry in await follower.changes(1)] == ["2"]


@pytest.mark.parametrize(
    "text", ["", "1-1", "zzzzzzzz-1-1", "0123abcd-01-1", "0123abcd-1", "0123abcd-1-1\n", "0123abcd-٣-1"]
)
def test_what_names_no_place_is_refused(text: str) -> None:
    with pytest.raises(Exception, match="not the id of an event"):
        FeedPlace.parse(text)
