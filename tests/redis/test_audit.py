"""The audit in Redis is bounded, and outlives what cannot be read in it."""

from datetime import UTC, datetime

import pytest

from adapters.redis import keys
from adapters.redis.audit_log import OF_TASK_KEPT_MS, RedisAuditLog
from domain.audit import DONE, Action, AuditEvent
from domain.operators import Decision
from tests.redis.desk import Desk

AT = datetime(2026, 3, 12, 10, tzinfo=UTC)
KEPT = 50


def event(number: int, task_id: str | None = None) -> AuditEvent:
    by = Decision("kim")
    return AuditEvent(nonce=str(number), at=AT, action=Action.RETRY, by=by, outcome=DONE, task_id=task_id)


async def test_the_oldest_events_make_room(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("adapters.redis.audit_log.AUDIT_KEPT", KEPT)
    audit = RedisAuditLog(desk.endpoints)
    for number in range(KEPT + 30):
        await audit.append(event(number))
    assert await desk.redis.xlen(keys.AUDIT) == KEPT
    page = await audit.page(None, 1000)
    assert [each.nonce for each in page.events] == [str(number) for number in range(KEPT + 29, 29, -1)]


async def test_what_is_known_of_a_task_is_forgotten_in_time(desk: Desk) -> None:
    await RedisAuditLog(desk.endpoints).append(event(1, "10"))
    assert OF_TASK_KEPT_MS - 60_000 < await desk.redis.pttl(keys.audit_key("10")) <= OF_TASK_KEPT_MS
    assert await desk.redis.pttl(keys.AUDIT) == -1


async def test_what_cannot_be_read_hides_nothing_else(desk: Desk) -> None:
    audit = RedisAuditLog(desk.endpoints)
    await audit.append(event(1))
    await desk.redis.xadd(keys.AUDIT, {"id": "2", "event": '{"action": "of a later version"}'})
    await desk.redis.xadd(keys.AUDIT, {"something": "else"})
    await audit.append(event(3))
    assert [each.nonce for each in (await audit.page(None, 10)).events] == ["3", "1"]
