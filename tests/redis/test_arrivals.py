"""Which server a connection has come to, and the recovery window that begins where it is another one (design §5)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from adapters.redis import watch as watch_module
from adapters.redis.autopipeline import MOST_TOGETHER
from adapters.redis.endpoints import RedisEndpoints
from adapters.redis.watch import RedisRecordWatch
from domain.ports import StoreReplaced, WatchProved
from tests.conftest import StartRedis
from tests.redis.desk import Desk, document, task_of
from tests.redis.far import sha_of
from tests.redis.listener import listening
from tests.support.lossy_proxy import LossyProxy
from tests.support.redis_server import RedisServer

HANGS_S = 20.0
COUNTS = "dms:scheduler:counts"
LIVE = "dms:scheduler:live"


def lasting(start_redis: StartRedis) -> RedisServer:
    """A server that has everything again after a restart."""
    return start_redis(appendonly="yes", appendfsync="always")


@asynccontextmanager
async def process(url: str, recovery_s: float | None = 60.0) -> AsyncIterator[Desk]:
    """A desk whose endpoints have met no server yet."""
    endpoints = RedisEndpoints.open(url, recovery_s=recovery_s)
    try:
        yield Desk(endpoints)
    finally:
        await endpoints.close()


async def note(desk: Desk) -> tuple[str, int]:
    """The server that the data says it was written on, and its number."""
    raw = await desk.redis.hget(COUNTS, "server")
    assert raw is not None
    server, number = raw.decode().split() if isinstance(raw, bytes) else raw.split()
    return server, int(number)


async def assert_window_is_on(desk: Desk) -> None:
    """Nothing is leased, and what is read may lack something."""
    assert await desk.claim() == []
    assert await desk.queue.take_over("replica-2", desk.nonces(1), 60.0) == []
    assert (await desk.load("1")).recovering
    assert 0 < desk.endpoints.arrivals.window_left_s <= 60.0


async def assert_no_window(desk: Desk) -> None:
    await desk.load("1")
    assert desk.endpoints.arrivals.window_left_s == 0
    assert await desk.redis.hget(COUNTS, "recovering") is None


# --- no window --------------------------------------------------------------------------------------------------


async def test_a_first_start_begins_no_window(start_redis: StartRedis) -> None:
    server = start_redis()
    async with process(server.url) as one, process(server.url) as other:
        for desk in (one, other):
            await assert_no_window(desk)
            assert (await note(desk))[1] == 1
            assert desk.endpoints.arrivals.replacements == 0
        accepted = await one.accept("1")
        assert (accepted.recovering, task_of(accepted).order) == (False, 1)
        assert len(await other.claim()) == 1


async def test_a_server_that_was_emptied_is_the_same_server(start_redis: StartRedis) -> None:
    server = start_redis()
    async with process(server.url) as desk:
        await desk.load("1")
        told = await note(desk)
        server.flush()
        with server.client() as client:
            client.client_kill_filter(_type="normal", skipme=True)
        await assert_no_window(desk)
        assert await note(desk) == told
        assert desk.endpoints.arrivals.replacements == 0


async def test_a_connection_that_was_cut_begins_no_window(start_redis: StartRedis) -> None:
    server = start_redis()
    async with LossyProxy(server.port).running() as proxy, process(proxy.url) as desk:
        await desk.load("1")
        await proxy.cut()
        await assert_no_window(desk)
        assert (await note(desk))[1] == 1


# --- a restart --------------------------------------------------------------------------------------------------


async def test_a_restart_begins_a_window_in_which_all_but_leasing_goes_on(start_redis: StartRedis) -> None:
    server = lasting(start_redis)
    async with process(server.url) as desk:
        running = await desk.at_work("1")
        await desk.accept("2")
        before = await note(desk)
        server.restart()
        await desk.load("1")
        assert (await note(desk))[0] != before[0]
        assert (await note(desk))[1] == 2
        await desk.redis.zadd(LIVE, {"1": 1})
        await assert_window_is_on(desk)
        assert desk.endpoints.arrivals.replacements == 1
        lease = task_of(running).lease
        assert lease is not None
        assert await desk.queue.renew({"1": lease}, 60.0) == frozenset()
        ended = await desk.complete(running)
        assert (ended.recovering, task_of(ended).status) == (True, "completed")
        assert task_of(await desk.accept("3")).order > 1_000_000


async def test_the_window_ends_by_the_servers_clock_and_by_ours(start_redis: StartRedis) -> None:
    server = lasting(start_redis)
    async with process(server.url, 0.3) as desk, process(server.url, 0.3) as other:
        await desk.accept("1")
        await other.load("1")
        server.restart()
        assert (await desk.load("1")).recovering
        assert await desk.claim() == []
        async with asyncio.timeout(HANGS_S):
            while not (claimed := await desk.claim()):
                pass
        async with asyncio.timeout(HANGS_S):
            while (await desk.load("1")).recovering:
                pass
        assert not (await other.load("1")).recovering  # and for who comes late it does not begin again
        assert claimed[0].task_id == "1"
        assert (await note(desk))[1] == 2
        assert other.endpoints.arrivals.replacements == 1


async def test_a_process_that_starts_after_a_restart_begins_the_window(start_redis: StartRedis) -> None:
    server = lasting(start_redis)
    async with process(server.url) as before:
        await before.accept("1")
        server.restart()
        async with process(server.url) as after:
            await assert_window_is_on(after)
            assert after.endpoints.arrivals.replacements == 1
        await assert_window_is_on(before)
        assert (await note(before))[1] == 2


@pytest.mark.parametrize(("wanted_s", "lasts_s"), [(120.0, 120.0), (None, 17.0)])
async def test_who_is_no_scheduler_begins_the_window_that_schedulers_want(
    start_redis: StartRedis, wanted_s: float | None, lasts_s: float
) -> None:
    server = lasting(start_redis)
    async with process(server.url, 30.0) as before, process(server.url, wanted_s) as latest:
        await before.load("1")
        if wanted_s is None:
            await before.redis.hdel(COUNTS, "window")
        await latest.load("1")
        server.restart()
        async with process(server.url, None) as tool:
            await tool.load("1")
            assert lasts_s - 15 < tool.endpoints.arrivals.window_left_s <= lasts_s


async def test_a_server_that_lost_everything_begins_a_window_for_whoever_knew_it(start_redis: StartRedis) -> None:
    server = start_redis()
    async with process(server.url) as before:
        await before.accept("1")
        server.restart()
        async with process(server.url) as fresh:
            await assert_no_window(fresh)  # to this one the server is new
            await assert_window_is_on(before)
            assert await fresh.claim() == []


async def test_connections_that_come_at_once_ask_once_each_and_find_one_replacement(start_redis: StartRedis) -> None:
    server = lasting(start_redis)
    async with process(server.url) as desk:
        await desk.accept("1")
        server.restart()
        with server.client() as client:
            client.config_resetstat()
            await asyncio.gather(*(desk.load("1") for _ in range(2 * MOST_TOGETHER)))
            stats = client.info("commandstats")
            clients = sum(each["name"] == "dms-scheduler" for each in client.client_list())
        assert clients > 1
        asked = sum(stats.get(f"cmdstat_{name}", {"calls": 0})["calls"] for name in ("eval", "evalsha"))
        unknown = stats.get("cmdstat_evalsha", {"failed_calls": 0})["failed_calls"]
        assert asked - unknown == clients
        assert stats["cmdstat_hset"]["calls"] == 2
        assert desk.endpoints.arrivals.replacements == 1


# --- another server ---------------------------------------------------------------------------------------------


async def promoted(replica: RedisServer, desk: Desk) -> None:
    """The replica has all that was written until now, and becomes a master."""
    assert await desk.redis.wait(1, 10_000) == 1
    with replica.client() as client:
        client.replicaof("NO", "ONE")


async def test_a_fail_over_begins_a_window_and_so_does_the_way_back(start_redis: StartRedis) -> None:
    first = start_redis()
    second = start_redis(replica_of=first)
    async with LossyProxy(first.port).running() as proxy, process(proxy.url) as desk, process(proxy.url) as other:
        await desk.accept("1")
        await promoted(second, desk)
        proxy.upstream_port = second.port
        await proxy.cut()
        await assert_window_is_on(desk)
        assert await other.claim() == []
        # The old master knows nothing of what was written meanwhile, and its own note names itself.
        proxy.upstream_port = first.port
        await proxy.cut()
        await assert_window_is_on(desk)
        await assert_window_is_on(other)
        assert (await note(desk))[1] == 3
        assert desk.endpoints.arrivals.replacements == 2


@pytest.mark.slow
async def test_a_connection_that_got_no_answer_to_its_question_serves_nothing(start_redis: StartRedis) -> None:
    server = lasting(start_redis)
    async with LossyProxy(server.port).running() as proxy, process(proxy.url) as desk:
        await desk.accept("1")
        server.restart()
        proxy.hush_answer_to(sha_of(desk, "arrive"))
        await assert_window_is_on(desk)
        assert proxy.lost == 1
        with server.client() as client:
            assert client.info("commandstats")["cmdstat_mget"]["calls"] == 1


async def test_a_call_that_is_broken_off_leaves_no_connection_that_never_asked(start_redis: StartRedis) -> None:
    server = lasting(start_redis)
    async with LossyProxy(server.port).running() as proxy, process(proxy.url) as desk:
        await desk.accept("1")
        server.restart()
        held = proxy.hold(sha_of(desk, "arrive"))
        call = asyncio.create_task(desk.load("1"))
        await held.caught.wait()
        call.cancel()
        await asyncio.wait([call])
        assert call.cancelled()
        await assert_window_is_on(desk)


# --- word of it -------------------------------------------------------------------------------------------------


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watch_module, "BEAT_S", 0.05)
    monkeypatch.setattr(watch_module, "PATIENCE_S", 0.5)
    monkeypatch.setattr(watch_module, "PAUSE_S", 0.05)


@pytest.mark.usefixtures("hasty")
async def test_the_watch_tells_of_each_replacement_once_and_before_it_is_proved(start_redis: StartRedis) -> None:
    server = lasting(start_redis)
    async with process(server.url) as desk, listening(RedisRecordWatch(desk.endpoints)) as listener:
        for _ in range(2):
            listener.forget()
            server.restart()
            await listener.until_lost_and_proved()
            told = [notice for notice in listener.told if isinstance(notice, StoreReplaced | WatchProved)]
            (replaced,) = [notice for notice in told if isinstance(notice, StoreReplaced)]
            assert 0 < replaced.window_s <= 60.0
            assert told[0] == replaced
        await desk.put("10", document("10"))
        await listener.until_changed("10")
        assert sum(isinstance(notice, StoreReplaced) for notice in listener.told) == 1


@pytest.mark.usefixtures("hasty")
async def test_a_watch_whose_path_is_whole_tells_of_a_replacement_too(start_redis: StartRedis) -> None:
    """Two servers behind one address: the watch may be at one of them still when a call comes to the other."""
    first, second = start_redis(), start_redis()
    async with (
        LossyProxy(first.port).running() as proxy,
        process(proxy.url) as desk,
        listening(RedisRecordWatch(desk.endpoints)) as listener,
    ):
        proxy.lead_next_to(second.port)
        await asyncio.gather(*(desk.load("1") for _ in range(2 * MOST_TOGETHER)))  # more than go over one connection
        await listener.until(lambda told: any(isinstance(notice, StoreReplaced) for notice in told.told))
