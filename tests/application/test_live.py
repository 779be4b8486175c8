"""What those who watch are told: everything that they want, in order and once, within bounds."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.memory import MemoryChangeFeed, MemoryDatabase
from application.consumers import MOST_WAITING, MOST_WAITING_BYTES, EventKind, Wanted
from application.feed import FEED_KEPT, FeedEntry, FeedPlace
from application.live import AGAIN_S, BEAT_S, COUNT_S, MOST_CONSUMERS, LiveEvents
from domain.errors import Overloaded
from domain.feed import ChangeKind
from domain.ports import QueueOverview, StoreUnavailable
from domain.values import Priority
from tests.application.watcher import Stage, open_stage, settled, words

ONLY_TASKS = Wanted(frozenset({EventKind.TASK}))


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    async with open_stage() as opened:
        yield opened


async def test_everybody_is_told_everything_in_order(stage: Stage) -> None:
    async with stage.watching(ONLY_TASKS) as one, stage.watching(ONLY_TASKS) as other:
        await stage.happens("1", "2", "1")
        assert one.changes == other.changes == ["1", "2", "1"]
        assert one.kinds[0] == "beat"  # which says where it begins


@pytest.mark.parametrize(
    ("wanted", "told"),
    [
        (Wanted(task_id="2"), ["2", "2"]),
        (Wanted(user_id="bob"), ["3"]),
        (Wanted(service="rm"), ["4"]),
        (Wanted(service="rm", user_id="bob"), []),
        (Wanted(frozenset({EventKind.PROGRESS})), ["2"]),
        (Wanted(frozenset({EventKind.QUEUE})), []),
    ],
)
async def test_a_consumer_is_told_what_it_wants(stage: Stage, wanted: Wanted, told: list[str]) -> None:
    async with stage.watching(ONLY_TASKS) as all_tasks, stage.watching(wanted) as watcher:
        await stage.happens("1", "2")
        await stage.happens("2", kind=ChangeKind.PROGRESS)
        await stage.happens("3", user_id="bob")
        await stage.happens("4", service="rm")
        assert watcher.changes == told
        # What it missed is sifted too.
        async with stage.watching(wanted, since=FeedPlace.parse(all_tasks.lines[0].split()[1])) as again:
            assert again.changes == told


@given(st.lists(st.sampled_from(["happens", "connect", "break"]), max_size=40))
def test_over_any_connections_it_is_told_everything_once(steps: Sequence[str]) -> None:
    async def play() -> None:
        async with open_stage() as stage, stage.watching(ONLY_TASKS) as steady:
            place, told, number = steady.place, list[str](), 0
            stack = AsyncExitStack()
            watcher = None
            for step in [*steps, "break", "connect"]:
                if step == "happens":
                    number += 1
                    await stage.happens(str(number))
                elif step == "connect" and watcher is None:
                    watcher = await stack.enter_async_context(stage.watching(ONLY_TASKS, place))
                elif step == "break" and watcher is not None:
                    told += watcher.changes
                    place = watcher.place if watcher.lines else place
                    await stack.aclose()
                    watcher = None
            assert watcher is not None
            assert told + watcher.changes == steady.changes == [str(each + 1) for each in range(number)]
            await stack.aclose()

    asyncio.run(play())


async def test_nothing_is_told_twice_to_one_who_is_ahead(stage: Stage) -> None:
    async with stage.watching(ONLY_TASKS) as steady:
        await stage.happens("1", "2")
        # Another replica may have told it what this one is about to read.
        stage.live._place = FeedPlace(steady.place.server, 0)
        async with stage.watching(ONLY_TASKS, since=steady.place) as ahead:
            entries = stage.database.feed.after(FeedPlace(steady.place.server, 0), 2)
            assert entries is not None
            for entry in entries:
                stage.live._tell(entry)
            await stage.happens("3")
            assert ahead.changes == ["3"]


async def test_a_place_that_is_not_known_is_told_as_such(stage: Stage) -> None:
    async with stage.watching(ONLY_TASKS) as steady:
        await stage.happens("1")
        for place in (replace(steady.place, number=99), replace(steady.place, server="ffffffff")):
            async with stage.watching(ONLY_TASKS, since=place) as watcher:
                await stage.happens("2")
                assert watcher.kinds == ["reset", "task"]


async def test_what_has_made_room_is_told_as_such(stage: Stage) -> None:
    async with stage.watching(ONLY_TASKS) as early:
        place = early.place
    await stage.happens(*["1"] * (FEED_KEPT + 1))
    async with stage.watching(ONLY_TASKS, since=place) as late:
        assert late.kinds == ["reset"]
        await stage.happens("2")
        assert late.changes == ["2"]


async def test_a_fail_over_is_told_as_such(stage: Stage) -> None:
    async with stage.watching(ONLY_TASKS) as watcher:
        saved = stage.database.save()
        await stage.happens("1")
        stage.database.fail_over(saved, 5.0)
        await settled()
        await stage.happens("2")
        assert watcher.kinds == ["beat", "task", "reset", "task"]
        assert watcher.changes == ["1", "2"]


async def test_one_who_takes_nothing_is_dropped_and_others_are_told(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    async with stage.watching(ONLY_TASKS) as steady, stage.watching(ONLY_TASKS, reads=False) as stalled:
        for _ in range(MOST_WAITING):
            await stage.happens("1")
        assert stalled.consumer.waiting == MOST_WAITING
        assert stalled.cuts == []
        await stage.happens("2", "3")
        assert (stalled.consumer.is_dropped, stalled.cuts) == (True, ["cut"])
        assert (stalled.consumer.waiting, stalled.consumer.waiting_bytes) == (0, 0)
        assert len(steady.changes) == MOST_WAITING + 2
    assert [record.levelno for record in caplog.records] == [logging.WARNING]


async def test_bytes_are_bounded_too(stage: Stage) -> None:
    async with stage.watching(ONLY_TASKS, reads=False) as stalled:
        while not stalled.consumer.is_dropped:
            await stage.happens("1", user_id="u")
            assert stalled.consumer.waiting_bytes <= MOST_WAITING_BYTES
            stalled.consumer.put(b"x" * 100_000)
        assert stalled.consumer.waiting == 0


async def test_so_many_may_watch_and_no_more(stage: Stage) -> None:
    consumers = [stage.live.join(Wanted(), None, lambda: None) for _ in range(MOST_CONSUMERS)]
    with pytest.raises(Overloaded, match="1000 consumers"):
        stage.live.join(Wanted(), None, lambda: None)
    stage.live.leave(consumers.pop())
    consumers.append(stage.live.join(Wanted(), None, lambda: None))
    for consumer in consumers:
        stage.live.leave(consumer)
    assert stage.live.consumers == ()


async def test_a_beat_says_how_far_it_was_looked(stage: Stage) -> None:
    async with stage.watching(Wanted(task_id="9")) as watcher:
        await stage.happens("1", "2")
        await stage.clock.turn(BEAT_S)
        assert "task" not in watcher.kinds
        assert watcher.lines[-1].startswith("beat ")
        async with stage.watching(ONLY_TASKS, since=watcher.place) as again:
            await stage.happens("3")
            assert again.changes == ["3"]


class Counting:
    """A queue whose counts are set by hand, and that counts who looks."""

    def __init__(self) -> None:
        self.waiting = 0
        self.looks = 0
        self.is_away = False

    async def overview(self, heads_per_lane: int = 3) -> QueueOverview:
        self.looks += 1
        if self.is_away:
            raise StoreUnavailable("away")
        return QueueOverview({(Priority.LOW, "sync"): self.waiting}, 0, {}, [])


async def test_counts_are_told_once_a_second_where_they_changed(stage: Stage) -> None:
    queue: Any = Counting()
    stage.live._queue = queue
    await stage.clock.turn(10)
    assert queue.looks == 0  # nobody watches
    async with stage.watching() as one, stage.watching(ONLY_TASKS) as other:
        assert "queue 0 0 0" in one.lines
        for waiting in (0, 5, 5, 6):
            queue.waiting = waiting
            await stage.clock.turn(COUNT_S)
        queue.is_away = True
        await stage.clock.turn(COUNT_S)
        assert [line for line in one.lines if "queue" in line] == ["queue 0 0 0", "queue 5 0 0", "queue 6 0 0"]
        assert "queue" not in other.kinds
        assert queue.looks == 6
        async with stage.watching() as late:
            assert "queue 6 0 0" in late.lines


class Away(MemoryChangeFeed):
    """A store that does not answer at first."""

    def __init__(self, database: MemoryDatabase, times: int) -> None:
        super().__init__(database)
        self._times = times

    async def after(self, place: FeedPlace, until: FeedPlace, limit: int) -> list[FeedEntry] | None:
        self._times -= 1
        if self._times >= 0:
            raise StoreUnavailable("away")
        return await super().after(place, until, limit)


async def test_while_the_store_is_away_a_consumer_hears_beats_and_misses_nothing(stage: Stage) -> None:
    live = LiveEvents(Away(stage.database, times=2), Counting(), stage.clock, words)  # type: ignore[arg-type]
    async with stage.watching(ONLY_TASKS) as early:
        place = early.place
    await stage.happens("1")
    here = Stage(stage.database, live, stage.clock)
    async with live.running(), here.watching(ONLY_TASKS, since=place) as watcher:
        await stage.happens("2")
        await stage.clock.turn(AGAIN_S)
        assert watcher.lines == ["beat None", "beat None"]
        await stage.clock.turn(AGAIN_S)
        assert watcher.changes == ["1", "2"]


async def test_at_the_end_everybody_ends(stage: Stage) -> None:
    live = LiveEvents(MemoryChangeFeed(stage.database), Counting(), stage.clock, words)  # type: ignore[arg-type]
    async with live.running():
        consumer = live.join(ONLY_TASKS, None, lambda: None)
        reading = asyncio.ensure_future(anext(live.told(consumer)))
        await reading
    assert consumer.has_ended
    assert not consumer.is_dropped


async def test_a_feed_that_breaks_is_followed_again(stage: Stage, caplog: pytest.LogCaptureFixture) -> None:
    class Broken(MemoryChangeFeed):
        breaks = True

        def follow(self) -> Any:
            if Broken.breaks:
                Broken.breaks = False
                raise RuntimeError("a bug")
            return super().follow()

    live = LiveEvents(Broken(stage.database), Counting(), stage.clock, words)  # type: ignore[arg-type]
    async with live.running(), Stage(stage.database, live, stage.clock).watching(ONLY_TASKS) as watcher:
        await stage.clock.turn(AGAIN_S)
        await stage.happens("1")
        assert watcher.changes == ["1"]
    assert "because of a bug" in caplog.text
