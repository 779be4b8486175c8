"""Commands of one turn of the event loop go together, and nobody notices whose were beside their own."""

from __future__ import annotations

import asyncio

import pytest
from redis.asyncio import Redis
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import ReadOnlyError, ResponseError
from redis.exceptions import TimeoutError as RedisTimeoutError

from adapters.redis import wire
from adapters.redis.autopipeline import MOST_TOGETHER, MOST_UNDER_WAY, AutoPipelinedRedis
from adapters.redis.endpoints import RedisEndpoints
from tests.conftest import StartRedis
from tests.support.lossy_proxy import LossyProxy
from tests.support.redis_server import RedisServer

HANGS_S = 20.0


@pytest.fixture
async def client(endpoints: RedisEndpoints) -> AutoPipelinedRedis:
    assert isinstance(endpoints.write, AutoPipelinedRedis)
    await endpoints.write.ping()  # it has a connection
    return endpoints.write


async def incr(client: Redis, name: str) -> int:
    return await client.incr(name)


async def ping(client: Redis) -> bool:
    return await client.ping()


def reads_of(server: RedisServer) -> int:
    """How often the server has read from its clients, this look included."""
    with server.client() as looking:
        return int(looking.info("stats")["total_reads_processed"])


def clients_of(server: RedisServer) -> list[dict[str, str]]:
    with server.client() as looking:
        return [each for each in looking.client_list() if each["name"] == "dms-scheduler"]


# --- together -----------------------------------------------------------------------------------------------------


async def test_what_is_asked_for_in_one_turn_is_sent_at_once(
    client: AutoPipelinedRedis, redis_server: RedisServer
) -> None:
    began = reads_of(redis_server)
    nothing = reads_of(redis_server) - began
    before = reads_of(redis_server)
    assert await asyncio.gather(*(client.incr("n") for _ in range(MOST_TOGETHER))) == list(range(1, MOST_TOGETHER + 1))
    assert reads_of(redis_server) - before - nothing == 1


async def test_each_gets_its_own_reply_or_its_own_error(client: AutoPipelinedRedis) -> None:
    replies = await asyncio.gather(
        client.set("text", "a"),
        client.incr("text"),
        client.get("text"),
        client.eval("nonsense(", 0),
        return_exceptions=True,
    )
    done, wrong_type, text, wrong_script = replies
    assert (done, text) == (True, b"a")
    assert isinstance(wrong_type, ResponseError)
    assert "not an integer" in str(wrong_type)
    assert isinstance(wrong_script, ResponseError)
    assert "compiling script" in str(wrong_script)


async def test_they_are_done_in_the_order_in_which_they_were_asked_for(client: AutoPipelinedRedis) -> None:
    await asyncio.gather(*(client.rpush("list", number) for number in range(MOST_TOGETHER)))
    assert await client.lrange("list", 0, -1) == [str(number).encode() for number in range(MOST_TOGETHER)]


async def test_many_at_once_take_few_connections_and_none_is_forgotten(
    client: AutoPipelinedRedis, redis_server: RedisServer
) -> None:
    asked = 20 * MOST_UNDER_WAY * MOST_TOGETHER
    assert sorted(await asyncio.gather(*(client.incr("n") for _ in range(asked)))) == list(range(1, asked + 1))
    assert 1 <= len(clients_of(redis_server)) <= MOST_UNDER_WAY


async def test_commands_that_redis_py_names_with_two_words_or_reads_in_its_own_way_work_too(
    client: AutoPipelinedRedis,
) -> None:
    sha = await client.script_load("return ARGV[1]")
    assert await client.evalsha(sha, 0, b"\x00\xff") == b"\x00\xff"
    await client.set("text", "a")
    dumped = await client.dump("text")
    assert isinstance(dumped, bytes)
    assert await client.restore("copy", 0, dumped) == b"OK"
    assert await client.zadd("scored", {"a": 1.5}) == 1
    assert await client.zscore("scored", "a") == 1.5


# --- who gives up -------------------------------------------------------------------------------------------------


async def test_what_nobody_waits_for_any_more_is_not_sent(client: AutoPipelinedRedis) -> None:
    given_up, waited_for = (asyncio.create_task(incr(client, name)) for name in ("a", "b"))
    await asyncio.sleep(0)  # both are asked for, none is sent
    given_up.cancel()
    assert await waited_for == 1
    assert await client.get("a") is None
    assert given_up.cancelled()


async def test_who_gives_up_while_it_is_under_way_disturbs_nobody(
    client: AutoPipelinedRedis, redis_server: RedisServer
) -> None:
    connection = await client.client_id()
    redis_server.pause()
    try:
        given_up, waited_for = [asyncio.create_task(incr(client, name)) for name in ("a", "b")]
        await under_way()
        given_up.cancel()
        await asyncio.wait([given_up])
    finally:
        redis_server.resume()
    assert await waited_for == 1
    assert await client.get("a") == b"1"
    assert await client.client_id() == connection


async def under_way() -> None:
    """Return when what was asked for has been sent: at the end of the turn in which it was."""
    for _ in range(10):
        await asyncio.sleep(0)


# --- what breaks --------------------------------------------------------------------------------------------------


async def test_a_connection_that_breaks_fails_its_whole_batch_and_the_next_command_finds_another(
    redis_server: RedisServer,
) -> None:
    async with LossyProxy(redis_server.port).running() as proxy:
        endpoints = RedisEndpoints.open(proxy.url)
        try:
            await endpoints.write.ping()
            proxy.lose_answer_to(b"INCR")
            replies = await asyncio.gather(*(endpoints.write.incr("n") for _ in range(5)), return_exceptions=True)
            assert [type(reply) for reply in replies] == 5 * [RedisConnectionError]
            assert len({id(reply) for reply in replies}) == 5  # whoever raises one writes into it
            assert await endpoints.write.get("n") == b"5"
        finally:
            await endpoints.close()


async def test_a_connection_that_broke_while_nobody_used_it_costs_no_command(
    client: AutoPipelinedRedis, redis_server: RedisServer
) -> None:
    with redis_server.client() as other:
        assert other.client_kill_filter(_type="normal", skipme=True) == 1
    await asyncio.sleep(0.05)  # the break has come to this side
    assert await client.incr("n") == 1


async def test_a_connection_that_was_not_used_for_long_is_made_anew(
    client: AutoPipelinedRedis, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = await client.client_id()
    assert await client.client_id() == before
    monkeypatch.setattr(wire, "TRUSTED_S", 0.0)
    assert await client.client_id() != before


async def test_a_server_that_stays_silent_fails_the_batch_in_time(redis_server: RedisServer) -> None:
    endpoints = RedisEndpoints.open(redis_server.url, timeout_s=0.1)
    try:
        await endpoints.write.ping()
        redis_server.pause()
        try:
            replies = await asyncio.gather(endpoints.write.ping(), endpoints.write.ping(), return_exceptions=True)
        finally:
            redis_server.resume()
        assert [type(reply) for reply in replies] == 2 * [RedisTimeoutError]
        # And its late answers are nobody's.
        assert await endpoints.write.echo("mine") == b"mine"
    finally:
        await endpoints.close()


async def test_each_batch_has_its_whole_time_though_one_timer_sees_to_many(redis_server: RedisServer) -> None:
    timeout_s = 0.2
    endpoints = RedisEndpoints.open(redis_server.url, timeout_s=timeout_s)
    loop = asyncio.get_running_loop()
    try:
        begun = loop.time()
        while loop.time() < begun + timeout_s / 2:  # the timer of the first then has half of its time left
            await endpoints.write.ping()
        redis_server.pause()
        try:
            asked = loop.time()
            with pytest.raises(RedisTimeoutError):
                await endpoints.write.ping()
            assert loop.time() >= asked + timeout_s
        finally:
            redis_server.resume()
    finally:
        await endpoints.close()


async def test_a_server_that_takes_no_writes_is_left(start_redis: StartRedis) -> None:
    master = start_redis()
    replica = start_redis(replicaof=f"127.0.0.1 {master.port}")
    endpoints = RedisEndpoints.open(master.url, replica.url)
    try:
        before = await endpoints.read.client_id()
        replies = await asyncio.gather(
            endpoints.read.incr("n"), endpoints.read.get("n"), endpoints.read.incr("n"), return_exceptions=True
        )
        assert [type(reply) for reply in replies] == [ReadOnlyError, type(None), ReadOnlyError]
        assert await endpoints.read.client_id() != before
    finally:
        await endpoints.close()


async def test_closing_fails_what_is_under_way_and_what_waits(redis_server: RedisServer) -> None:
    endpoints = RedisEndpoints.open(redis_server.url)
    await endpoints.write.ping()
    redis_server.pause()
    try:
        calls = [asyncio.create_task(ping(endpoints.write)) for _ in range((MOST_UNDER_WAY + 1) * MOST_TOGETHER)]
        await under_way()
        await endpoints.close()
        done, pending = await asyncio.wait(calls, timeout=HANGS_S)
    finally:
        redis_server.resume()
    assert not pending
    assert {type(call.exception()) for call in done} == {RedisConnectionError}
    with pytest.raises(RedisConnectionError, match="closed"):
        await endpoints.write.ping()
