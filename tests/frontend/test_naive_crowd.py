"""The stand-in is no soft one: with a naive scheduler more than 5 % of many records end wrong."""

from collections import Counter
from contextlib import AsyncExitStack

import pytest
from redis.asyncio import Redis

from tests.frontend.interleaving import Choices, Interleaver, VirtualClock, sample
from tests.frontend.naive import NaiveMemoryRecords, NaiveRedisRecords, NaiveScheduler, serve_naive
from tests.frontend.standin import (
    Fault,
    Frontend,
    HttpScheduler,
    InProcessScheduler,
    Journal,
    MemoryRecords,
    RecordAccess,
    RedisRecords,
    SeededPauses,
    SystemClock,
    a_mix,
    create_only,
    crowd,
    verdict,
)
from tests.frontend.standin.crowd import Behaviour

TASKS, CONCURRENCY, PROCESSES = 400, 16, 4


async def faults_of(records: RecordAccess, ids: list[str], naive: NaiveScheduler, journal: Journal) -> list[set[Fault]]:
    """What is wrong with each record; an empty set where it is right."""
    found = []
    for task_id in ids:
        account = naive.accounts.get(task_id)
        truth = None if account is None else account.truth
        findings = verdict(await records.read(task_id), truth, journal.histories[task_id])
        found.append({finding.fault for finding in findings})
    return found


@pytest.mark.parametrize("behaviour", [pytest.param(create_only, marks=pytest.mark.slow), a_mix])
async def test_on_redis_and_over_http(redis: Redis, behaviour: Behaviour) -> None:
    records, journal = RedisRecords(redis), Journal()
    # A pause of n ticks lasts n round trips, and so does what the other side does meanwhile.
    pauses = SeededPauses(seed=3, most=8, tick=redis.ping)
    naive = NaiveScheduler(
        NaiveRedisRecords(redis), SystemClock(), steps=SeededPauses(seed=4, most=32, tick=redis.ping)
    )
    async with AsyncExitStack() as stack:
        server = await stack.enter_async_context(serve_naive(naive))
        frontends = []
        for _ in range(PROCESSES):
            scheduler = HttpScheduler(server.base_url)
            stack.push_async_callback(scheduler.aclose)
            frontend = Frontend(records, scheduler, journal=journal, steps=pauses)
            frontends.append(await stack.enter_async_context(frontend))
        ids = await crowd(frontends, TASKS, CONCURRENCY, behaviour)
        await naive.settled()
    found = await faults_of(records, ids, naive, journal)
    assert len(set(ids)) == TASKS
    assert 0.05 * TASKS < sum(map(bool, found)) < TASKS
    kinds = Counter(fault for faults in found for fault in faults)
    assert kinds.keys() >= {Fault.STATUS, Fault.RESULT, Fault.LOST_LINE}


def test_in_sampled_interleavings() -> None:
    def run(choices: Choices) -> list[set[Fault]]:
        driver = Interleaver(choices)
        records, clock, journal = MemoryRecords(), VirtualClock(), Journal()
        naive = NaiveScheduler(NaiveMemoryRecords(records), clock, steps=driver)
        scheduler = InProcessScheduler(naive.submit, naive.cancel)

        async def main() -> list[set[Fault]]:
            async with Frontend(records, scheduler, clock=clock, journal=journal, steps=driver) as frontend:
                ids = await crowd([frontend], 20, 4, a_mix)
                await naive.settled()
            return await faults_of(records, ids, naive, journal)

        return driver.run(main())

    found = [faults for one in sample(run, range(20)) for faults in one]
    assert sum(map(bool, found)) > 0.05 * len(found)
