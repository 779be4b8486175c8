"""A read endpoint that lags, and ways to pause."""

import asyncio
from collections.abc import Callable

import pytest
from redis.asyncio import Redis

from tests.conftest import StartRedis
from tests.frontend.standin import Gates, Identity, LaggingRecords, MemoryRecords, RedisRecords, SeededPauses, Step

ALICE = Identity("1", "sync", "alice")


def always(behind: int) -> Callable[[int, str], int]:
    """Chooses the version that is so far behind, or the oldest that may be chosen."""
    return lambda count, about: min(behind, count - 1)


def lagging(behind: int, most: int = 10) -> LaggingRecords:
    return LaggingRecords(MemoryRecords(), always(behind), most)


async def test_without_lag_the_newest_is_read() -> None:
    records = lagging(0)
    await records.write(ALICE, b"a")
    assert await records.read("1") == b"a"


async def test_a_record_may_be_missing_right_after_its_creation() -> None:
    records = lagging(1)
    await records.write(ALICE, b"a")
    assert await records.read("1") is None


async def test_a_record_may_still_be_there_after_its_deletion() -> None:
    records = lagging(1)
    await records.write(ALICE, b"a")
    await records.delete(ALICE)
    assert await records.read("1") == b"a"


async def test_the_lag_is_bounded() -> None:
    records = lagging(behind=9, most=2)
    for document in (b"a", b"b", b"c", b"d"):
        await records.write(ALICE, document)
    assert await records.read("1") == b"b"


async def test_versions_of_another_writer_count_too() -> None:
    inner = MemoryRecords()
    records = LaggingRecords(inner, always(1), 1, inner.versions)
    await records.write(ALICE, b"a")
    inner.put("1", b"b")
    inner.put("1", b"c")
    assert await records.read("1") == b"b"


async def test_every_version_in_reach_may_be_chosen() -> None:
    offered: list[int] = []

    def note(count: int, about: str) -> int:
        offered.append(count)
        return 0

    records = LaggingRecords(MemoryRecords(), note, 2)
    await records.read("1")
    for document in (b"a", b"b", b"c"):
        await records.write(ALICE, document)
        await records.read("1")
    assert offered == [1, 2, 3, 3]


async def test_a_real_replica_that_stopped_shows_what_it_had(redis: Redis, start_redis: StartRedis) -> None:
    primary = start_redis()
    replica = start_redis(replica_of=primary)
    async with Redis.from_url(primary.url) as write, Redis.from_url(replica.url) as read:
        records = RedisRecords(write, read)
        await records.write(ALICE, b"a")
        assert await write.wait(1, 10_000) == 1
        await read.replicaof("NO", "ONE")
        await records.write(ALICE, b"b")
        assert await records.read("1") == b"a"


@pytest.mark.parametrize("most", [1, 8])
def test_seeded_pauses_depend_on_seed_task_and_step_alone(most: int) -> None:
    steps = [Step(name, str(task)) for task in range(100) for name in ("a.read", "a.write")]
    first = [SeededPauses(1, most).ticks(step, 1) for step in steps]
    assert first == [SeededPauses(1, most).ticks(step, 1) for step in steps]
    assert first != [SeededPauses(2, most).ticks(step, 1) for step in steps]
    assert set(first) == set(range(most + 1))
    assert 60 < first.count(0) < 140


async def test_a_pause_takes_its_number_of_ticks() -> None:
    ticked: list[int] = []

    async def tick() -> None:
        ticked.append(1)

    pauses = SeededPauses(1, 8, tick)
    step = Step("a", "1")
    for _ in range(10):
        await pauses.at(step)
    assert len(ticked) == sum(pauses.ticks(step, meeting) for meeting in range(1, 11)) > 0


async def test_a_gate_holds_whoever_comes_until_it_is_opened() -> None:
    gates = Gates()
    gates.shut("a")
    waiting = [asyncio.create_task(gates.at(Step("a", task_id))) for task_id in "12"]
    await gates.at(Step("b", "1"))
    await gates.reached("a", 2)
    assert not any(actor.done() for actor in waiting)
    gates.open("a")
    await asyncio.gather(*waiting)
    await gates.at(Step("a", "3"))


async def test_a_failure_comes_once() -> None:
    gates = Gates()
    gates.fail("a", ConnectionError("gone"))
    with pytest.raises(ConnectionError):
        await gates.at(Step("a"))
    await gates.at(Step("a"))
