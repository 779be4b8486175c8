"""The machine's clock, as the use cases see it."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from adapters.system.clock import SystemClock


@pytest.mark.parametrize("zone", ["Asia/Seoul", "Europe/Berlin", "America/New_York", "UTC"])
def test_it_tells_the_moment_with_the_offset_of_its_zone(zone: str) -> None:
    before = datetime.now(UTC)
    now = SystemClock(ZoneInfo(zone)).now()
    assert before <= now <= datetime.now(UTC)
    assert now.utcoffset() == now.astimezone(ZoneInfo(zone)).utcoffset()


def test_it_follows_a_change_of_the_zones_offset(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = SystemClock(ZoneInfo("Europe/Berlin"))
    winter = datetime(2026, 10, 25, 1, tzinfo=UTC)
    for moment, hours in ((winter - timedelta(microseconds=1), 2), (winter, 1), (winter - timedelta(seconds=30), 2)):
        since_1970 = moment - datetime.fromtimestamp(0, UTC)
        monkeypatch.setattr(time, "time_ns", lambda now=since_1970: now // timedelta(microseconds=1) * 1000 + 999)
        assert clock.now() == moment
        assert clock.now().utcoffset() == timedelta(hours=hours)


@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/New_York"])
def test_a_delay_is_elapsed_time_also_over_a_change_of_the_zones_offset(zone: str) -> None:
    now = SystemClock(ZoneInfo(zone)).now()
    for half_years in range(1, 5):
        later = now + timedelta(days=182 * half_years)
        assert later.astimezone(UTC) - now.astimezone(UTC) == timedelta(days=182 * half_years)
