"""`takeover` settles what nobody owns, and nothing else."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import cast
from zoneinfo import ZoneInfo

import pytest

from entrypoints.cli.main import call
from entrypoints.cli.problems import Misuse
from entrypoints.cli.takeover import parse_moment
from tests.support.redis_server import RedisServer

LEFT = {"pending": "failed", "dispatching": "failed", "running": "failed", "cancel_requested": "cancelled"}
ENDED = ("completed", "failed", "cancelled")


@pytest.fixture
def ids(redis_server: RedisServer, redis_url: str, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """A record per status, as the previous scheduler may have left it; ids by status."""
    monkeypatch.setenv("DMS_REDIS_WRITE_URL", redis_url)
    found: dict[str, str] = {}
    with redis_server.client() as redis:
        for number, status in enumerate((*LEFT, *ENDED), start=1):
            assert call(["register", "sync", "src=/pvs/a", "dst=/pvs/b", "--user", "alice"]) == 0
            record = json.loads(cast(str, redis.get(f"task:{number}")))
            redis.set(f"task:{number}", json.dumps({**record, "status": status}), keepttl=True)
            found[status] = str(number)
    return found


@pytest.fixture(autouse=True)
def silence(ids: dict[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    """Leave out what registering printed."""
    capsys.readouterr()


def statuses(server: RedisServer, ids: dict[str, str]) -> dict[str, str]:
    """What each record says now, by what it said at first."""
    with server.client() as redis:
        return {was: json.loads(cast(str, redis.get(f"task:{task_id}")))["status"] for was, task_id in ids.items()}


def test_what_was_left_fails_and_the_rest_stays(
    ids: dict[str, str], redis_server: RedisServer, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call(["takeover"]) == 0
    assert statuses(redis_server, ids) == {**LEFT, **{status: status for status in ENDED}}
    said = capsys.readouterr().out
    assert said.endswith("4 records settled.\n")
    assert "left unfinished by the previous scheduler" in said
    assert call(["takeover"]) == 0
    assert capsys.readouterr().out == "0 records settled.\n"


def test_the_reason_stands_in_the_record(ids: dict[str, str], redis_server: RedisServer) -> None:
    assert call(["takeover"]) == 0
    with redis_server.client() as redis:
        record = json.loads(cast(str, redis.get(f"task:{ids['running']}")))
        assert cast(int, redis.ttl(f"task:{ids['running']}")) > 0
    assert "submit it again" in record["logs"][-1]


def test_a_dry_run_says_the_same_and_changes_nothing(
    ids: dict[str, str], redis_server: RedisServer, capsys: pytest.CaptureFixture[str]
) -> None:
    with redis_server.client() as redis:
        before = redis.dbsize()
        assert call(["takeover", "--dry-run"]) == 0
        assert redis.dbsize() == before
    assert statuses(redis_server, ids) == {status: status for status in ids}
    said = capsys.readouterr().out
    assert said.endswith("4 records would be settled; nothing was changed.\n")
    for status, becomes in LEFT.items():
        (line,) = (line for line in said.splitlines() if f" {status} " in line)
        assert f" {becomes} " in line


def test_resubmit_accepts_what_can_be_run(
    ids: dict[str, str], redis_server: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DMS_EXECUTOR", "placeholder")
    assert call(["takeover", "--resubmit"]) == 0
    found = statuses(redis_server, ids)
    assert {found[status] for status in ("pending", "dispatching", "running")} == {"pending"}
    assert found["cancel_requested"] == "cancelled"
    with redis_server.client() as redis:
        assert redis.zcard("dms:scheduler:queue:low:sync:alice") == 3


def test_records_written_since_are_left_out(
    ids: dict[str, str], redis_server: RedisServer, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call(["takeover", "--before", "2001-01-01T00:00:00"]) == 0
    assert capsys.readouterr().out == "0 records settled.\n"
    assert call(["takeover", "--before", "2999-01-01T00:00:00+00:00"]) == 0
    assert capsys.readouterr().out.endswith("4 records settled.\n")


def test_a_moment_without_offset_is_in_the_settings_zone() -> None:
    seoul = ZoneInfo("Asia/Seoul")
    assert parse_moment("2026-03-12T10:00:00", seoul) == datetime(2026, 3, 12, 1, tzinfo=UTC)
    assert parse_moment("2026-03-12T10:00:00Z", seoul) == datetime(2026, 3, 12, 10, tzinfo=UTC)
    with pytest.raises(Misuse):
        parse_moment("noon", seoul)
