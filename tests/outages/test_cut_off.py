"""A scheduler without Redis: its movers stop in time, and it does nothing to what others have taken over."""

from __future__ import annotations

import pytest

from tests.outages.stage import Stage
from tests.support.lossy_proxy import LossyProxy
from tests.support.ports import free_port

pytestmark = pytest.mark.slow

LEASE_S = 2.0
LOST = "lease lost, the work was stopped"


async def test_a_scheduler_that_is_cut_off_stops_its_movers_before_another_one_starts_them(stage: Stage) -> None:
    proxy = LossyProxy(stage.redis.port)
    async with proxy.running():
        lonely = await stage.start(redis_write_url=proxy.url, lease_seconds=LEASE_S)
        await stage.submit(lonely, 4)
        await stage.all_run_under(lonely)
        other = await stage.start(lease_seconds=LEASE_S)
        proxy.upstream_port = free_port()
        await proxy.cut()
        await stage.all_run_under(other)
        assert stage.movers(lonely) == set()
        proxy.upstream_port = stage.redis.port
        await lonely.says(LOST, 4)
        await stage.all_run_under(other)
        await stage.all_complete()
        assert lonely.complaints == []


async def test_movers_stop_while_redis_hangs_and_their_work_is_done_when_it_is_back(stage: Stage) -> None:
    scheduler = await stage.start(lease_seconds=LEASE_S)
    await stage.submit(scheduler, 4)
    await stage.all_run_under(scheduler)
    stage.redis.pause()
    await stage.see(lambda: not stage.at_the_data())
    stage.redis.resume()
    await stage.all_run_under(scheduler)
    await stage.all_complete()
    assert scheduler.complaints == []
