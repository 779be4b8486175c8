"""Every fault of Redis that has a name, on a real server: what is told, how often it is tried, and that it is over."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from adapters.redis.endpoints import RedisEndpoints
from adapters.redis.faults import NAMED
from adapters.redis.listing import RedisTaskListing
from domain.ports import StoreUnavailable, TaskFilter
from tests.conftest import StartRedis
from tests.redis.breakages import BREAKAGES, Breakage, stranger
from tests.redis.desk import Desk, document
from tests.support.lossy_proxy import LossyProxy
from tests.support.redis_server import RedisServer

SECRET = "a-secret"


@asynccontextmanager
async def opened(write_url: str, read_url: str | None = None) -> AsyncIterator[Desk]:
    endpoints = RedisEndpoints.open(write_url, read_url)
    try:
        yield Desk(endpoints)
    finally:
        await endpoints.close()


def refusals(server: RedisServer, code: str) -> int:
    """How often the server has said no with this word."""
    with server.client() as client:
        counted = client.info("errorstats").get(f"errorstat_{code}", {"count": 0})
    return int(counted["count"])


@pytest.mark.slow
@pytest.mark.parametrize("breakage", BREAKAGES, ids=lambda breakage: breakage.code)
async def test_a_fault_is_told_in_words_and_passes(start_redis: StartRedis, breakage: Breakage) -> None:
    server = start_redis(**breakage.options)
    async with opened(server.url) as desk:
        await desk.put("10", document("10"))
        await desk.accept("11")
        (claimed,) = await desk.claim()
        before = refusals(server, breakage.code)
        with breakage.brings(server):
            with pytest.raises(StoreUnavailable, match=breakage.words) as raised:
                await desk.claim()
            assert str(raised.value).endswith(f"({breakage.code})")
            if breakage.reads:
                (write, read) = await desk.endpoints.unreachable()
                assert breakage.words in write
                assert breakage.words in read
        tries = refusals(server, breakage.code) - before
        assert (tries > 1) == (breakage.passes or breakage.reads)
        await desk.accept_as_it_stands("10")
        await desk.complete(await desk.start(claimed))


async def test_a_password_that_is_missing_or_wrong_is_told_with_its_setting_and_not_itself(
    start_redis: StartRedis,
) -> None:
    server = start_redis()
    wrong = f"redis://:not-{SECRET}@127.0.0.1:{server.port}/0"
    async with opened(server.url, wrong) as desk:
        with stranger(server):
            with pytest.raises(StoreUnavailable, match=r"wants a password: put it into DMS_REDIS_WRITE_URL") as raised:
                await desk.load("10")
            with pytest.raises(StoreUnavailable, match=r"correct DMS_REDIS_READ_URL") as refused:
                await RedisTaskListing(desk.endpoints).page(TaskFilter(), None, 10)
            write, read = await desk.endpoints.unreachable()
            for told in (str(raised.value), str(refused.value), write, read):
                assert SECRET not in told
            with server.client() as client:
                client.auth(SECRET)
                assert client.info("errorstats")["errorstat_WRONGPASS"]["count"] == 2  # the probe has tried too


async def test_a_password_and_a_database_work_with_what_a_connection_asks_first(start_redis: StartRedis) -> None:
    server = start_redis()
    with stranger(server):
        async with opened(f"redis://:{SECRET}@127.0.0.1:{server.port}/3") as desk:
            await desk.run("10")
            with server.client() as client:
                client.auth(SECRET)
                keyspace = client.info("keyspace")
            assert list(keyspace) == ["db3"]


async def test_a_replica_without_its_master_is_told_for_listings(start_redis: StartRedis) -> None:
    server = start_redis()
    replica = start_redis(replica_of=server, replica_serve_stale_data="no")
    async with opened(server.url, replica.url) as desk:
        await desk.accept("10")
        assert await desk.redis.wait(1, 10_000) == 1
        listing = RedisTaskListing(desk.endpoints)
        assert len((await listing.page(TaskFilter(), None, 10)).tasks) == 1
        server.kill()
        with replica.client() as client:
            while client.info("replication")["master_link_status"] == "up":
                pass
        with pytest.raises(StoreUnavailable, match="has lost its master"):
            await listing.page(TaskFilter(), None, 10)
        assert refusals(replica, "MASTERDOWN") > 1


async def test_a_server_that_has_become_a_replica_is_left_within_the_operation(start_redis: StartRedis) -> None:
    """What stands before Redis leads new connections to the new master; the old ones must be let go."""
    old, new = start_redis(), start_redis()
    async with LossyProxy(old.port).running() as proxy, opened(proxy.url) as desk:
        await desk.load("10")
        with old.client() as client:
            client.replicaof("127.0.0.1", str(new.port))
        proxy.upstream_port = new.port
        assert await desk.claim() == []
        assert proxy.connections == 2


async def test_a_replica_that_is_met_first_is_left_too(start_redis: StartRedis) -> None:
    master = start_redis()
    replica = start_redis(replica_of=master)
    async with LossyProxy(master.port).running() as proxy, opened(proxy.url) as desk:
        proxy.lead_next_to(replica.port, replica.port)
        assert await desk.claim() == []
        assert proxy.connections == 3
        assert desk.endpoints.arrivals.replacements == 0


def test_every_fault_is_brought_about_here() -> None:
    assert {breakage.code for breakage in BREAKAGES} | {"NOAUTH", "WRONGPASS", "MASTERDOWN"} == set(NAMED)
