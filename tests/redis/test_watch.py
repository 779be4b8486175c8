"""The watch on records: what it tells, what it passes over, and how it comes back (design §1)."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack
from types import SimpleNamespace
from typing import cast

import pytest

from adapters.redis import watch as watch_module
from adapters.redis.endpoints import RedisEndpoints
from adapters.redis.watch import RedisRecordWatch
from domain.ports import RecordsChanged, WatchLost, WatchProved, WorkWaits
from tests.conftest import StartRedis
from tests.redis.desk import Desk, document, task_of, token_of
from tests.redis.listener import HANGS_S, Listener, listening

MARK = "99"
NAME = "dms-scheduler-watch"
BURST = 1_000


@pytest.fixture
async def listener(endpoints: RedisEndpoints) -> AsyncIterator[Listener]:
    async with listening(RedisRecordWatch(endpoints)) as standing:
        yield standing


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A busy machine may be slow with a beat."""
    monkeypatch.setattr(watch_module, "PATIENCE_S", HANGS_S)


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Beats come often, and little patience is had with them: for tests that wait for a loss."""
    monkeypatch.setattr(watch_module, "BEAT_S", 0.05)
    monkeypatch.setattr(watch_module, "PATIENCE_S", 0.5)
    monkeypatch.setattr(watch_module, "PAUSE_S", 0.05)


async def all_told(desk: Desk, listener: Listener) -> set[str]:
    """What was told until now: word comes in order, so a last write shows that nothing else is on its way."""
    await desk.put(MARK, document(MARK))
    await listener.until_changed(MARK)
    return listener.changed - {MARK}


async def watchers(desk: Desk) -> Sequence[Mapping[str, str]]:
    clients = cast(Sequence[Mapping[str, str]], await desk.redis.client_list())
    return [client for client in clients if client["name"] == NAME]


# --- what is told -----------------------------------------------------------------------------------------------


async def test_a_foreign_write_is_told(desk: Desk, listener: Listener) -> None:
    await desk.put("10", document("10"))
    await listener.until_changed("10")
    listener.forget()
    await desk.put("10", document("10"))  # the same again: it has another time to live
    await listener.until_changed("10")


async def test_a_delete_is_told(desk: Desk, listener: Listener) -> None:
    await desk.put("10", document("10"))
    await listener.until_changed("10")
    listener.forget()
    await desk.redis.delete("task:10")
    await listener.until_changed("10")


async def test_an_expiry_is_told(desk: Desk, listener: Listener) -> None:
    """Nobody looks at the key: Redis finds by itself that its time is over."""
    await desk.put("10", document("10"), 50)
    await listener.until(lambda told: told.told.count(RecordsChanged(frozenset({"10"}))) == 2)
    assert await desk.redis.exists("task:10") == 0


async def test_our_own_scripts_are_told_too(desk: Desk, listener: Listener) -> None:
    await desk.accept("10")
    await listener.until(lambda told: sum(isinstance(notice, RecordsChanged) for notice in told.told) >= 2)
    assert listener.changed == {"10"}


async def test_word_for_the_owner_and_of_work_comes_the_same_way(desk: Desk, listener: Listener) -> None:
    await desk.accept("10")
    await listener.until(lambda told: WorkWaits() in told.told)
    (claimed,) = await desk.claim()
    running = await desk.start(claimed)
    await desk.redis.delete("task:10")
    await listener.until_changed("10")
    gone = await desk.load("10")
    await all_told(desk, listener)
    listener.forget()
    await desk.change(gone, task_of(gone).request_cancel(desk.clock.now()))
    await listener.until_changed("10")
    assert token_of(running) == token_of(gone)


async def test_other_keys_with_the_same_prefix_are_passed_over(desk: Desk, listener: Listener) -> None:
    await desk.redis.hset("task:10:metadata", mapping={"service": "sync"})
    await desk.redis.incr("task:id:sequence")
    for name in ("task:", "task:010", "task:10\n", "task:10 ", "task:-1", "task:x", b"task:\xff", "task:" + "1" * 21):
        await desk.redis.set(name, "x")
    await desk.redis.set("task:" + "1" * 1_000_000, "x")
    assert await all_told(desk, listener) == set()


async def test_what_others_say_on_our_channel_is_passed_over(desk: Desk, listener: Listener) -> None:
    for said in (b"", b"\xff", b"task", b"task ", b"task id:sequence", b"task 10:metadata", b"task 010", b"task \xff"):
        await desk.redis.publish("dms:scheduler:events", said)
        await desk.redis.publish("__redis__:invalidate", said)
    assert await all_told(desk, listener) == set()
    assert WorkWaits() not in listener.told


@pytest.mark.usefixtures("patient")
async def test_no_change_of_a_burst_is_lost(desk: Desk, endpoints: RedisEndpoints) -> None:
    ids = [str(1_000 + number) for number in range(BURST)]
    async with listening(RedisRecordWatch(endpoints)) as listener:
        await save_all(desk.endpoints.write_url, ids)
        await listener.until_changed(*ids)
        assert WatchLost() not in listener.told


async def save_all(url: str, ids: Sequence[str]) -> None:
    """Save a record per id, over four connections at once."""
    writers = [RedisEndpoints.open(url, timeout_s=HANGS_S) for _ in range(4)]
    try:
        await asyncio.gather(
            *(
                Desk(writer).put(task_id, document(task_id))
                for first, writer in enumerate(writers)
                for task_id in ids[first::4]
            )
        )
    finally:
        for writer in writers:
            await writer.close()


async def test_two_watches_stand_side_by_side(endpoints: RedisEndpoints, desk: Desk) -> None:
    async with AsyncExitStack() as stack:
        both = [await stack.enter_async_context(listening(RedisRecordWatch(endpoints))) for _ in range(2)]
        await desk.put("10", document("10"))
        for one in both:
            await one.until_changed("10")
            assert WatchLost() not in one.told
        assert len(await watchers(desk)) == 4


# --- how it breaks and comes back -------------------------------------------------------------------------------


async def test_a_flush_is_a_loss_until_the_next_beat(desk: Desk, listener: Listener) -> None:
    await desk.redis.flushall()
    await listener.until_lost_and_proved()
    await desk.put("10", document("10"))
    await listener.until_changed("10")


@pytest.mark.usefixtures("hasty")
@pytest.mark.parametrize("which", ["tracker", "subscriber"])
async def test_a_killed_connection_is_a_loss_and_both_are_made_anew(
    endpoints: RedisEndpoints, desk: Desk, which: str
) -> None:
    async with listening(RedisRecordWatch(endpoints)) as listener:
        before = await watchers(desk)
        (victim,) = [client for client in before if (client["sub"] == "0") == (which == "tracker")]
        assert await desk.redis.client_kill_filter(_id=victim["id"]) == 1
        await listener.until_lost_and_proved()
        listener.forget()
        await desk.put("10", document("10"))
        await listener.until_changed("10")
        after = await watchers(desk)
        assert len(after) == 2
        assert not {client["id"] for client in before} & {client["id"] for client in after}


@pytest.mark.usefixtures("hasty")
async def test_a_restart_of_the_server_is_a_loss(start_redis: StartRedis) -> None:
    server = start_redis()
    endpoints = RedisEndpoints.open(server.url)
    try:
        async with listening(RedisRecordWatch(endpoints)) as listener:
            server.stop()
            await listener.until(lambda told: WatchLost() in told.told)
            server.start()
            await listener.until_lost_and_proved()
            await Desk(endpoints).put("10", document("10"))
            await listener.until_changed("10")
    finally:
        await endpoints.close()


@pytest.mark.usefixtures("hasty")
async def test_a_server_that_hangs_is_a_loss(start_redis: StartRedis) -> None:
    server = start_redis()
    endpoints = RedisEndpoints.open(server.url)
    try:
        async with listening(RedisRecordWatch(endpoints)) as listener:
            server.pause()
            try:
                await listener.until(lambda told: WatchLost() in told.told)
            finally:
                server.resume()
            await listener.until_lost_and_proved()
    finally:
        await endpoints.close()


@pytest.mark.usefixtures("hasty")
async def test_a_server_that_is_away_at_the_start_is_waited_for(start_redis: StartRedis) -> None:
    server = start_redis()
    server.stop()
    endpoints = RedisEndpoints.open(server.url)
    try:
        async with listening(RedisRecordWatch(endpoints), until_proved=False) as listener:
            await listener.until(lambda told: told.told.count(WatchLost()) >= 3)
            assert WatchProved() not in listener.told
            server.start()
            await listener.until_proved()
    finally:
        await endpoints.close()


@pytest.mark.usefixtures("listener")
async def test_the_tracker_is_never_idle_for_long(desk: Desk) -> None:
    """A proxy or a server closes connections over which nothing is said."""
    (tracker,) = [client for client in await watchers(desk) if client["sub"] == "0"]
    assert tracker["cmd"] == "ping"


async def test_a_busy_listener_is_no_broken_path(
    endpoints: RedisEndpoints, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A sweep between two notices may take longer than the patience with a beat."""
    hour = SimpleNamespace(now=0.0)
    monkeypatch.setattr(watch_module, "time", SimpleNamespace(monotonic=lambda: hour.now))
    notices = RedisRecordWatch(endpoints).notices()
    async with asyncio.timeout(HANGS_S):
        assert await anext(notices) == WatchProved()
        hour.now += 3_600.0
        for task_id in ("10", "11"):
            await desk.put(task_id, document(task_id))
            assert await anext(notices) == RecordsChanged(frozenset({task_id}))
        await notices.aclose()  # type: ignore[attr-defined]


async def test_a_watch_that_is_left_leaves_no_connection(endpoints: RedisEndpoints, desk: Desk) -> None:
    async with listening(RedisRecordWatch(endpoints)):
        assert len(await watchers(desk)) == 2
    async with asyncio.timeout(HANGS_S):
        while await watchers(desk):
            pass
