"""The port `AuditLog`."""

from datetime import timedelta

import pytest

from application.ports import AUDIT_KEPT_OF_TASK
from domain.audit import DONE, Action, AuditEvent
from domain.operators import Decision
from tests.stores.harness import StoreHarness

KIM = Decision("kim", "10.0.0.7", 'the "source" is, so to say, 수리 중')


def event(store: StoreHarness, number: int, task_id: str | None = None, user_id: str | None = None) -> AuditEvent:
    return AuditEvent(
        nonce=f"{number:08x}",
        at=store.now() + timedelta(seconds=number),
        action=Action.CANCEL if task_id else Action.BLOCK,
        by=KIM,
        outcome=DONE,
        task_id=task_id,
        user_id=user_id,
        detail="" if task_id else "x",
    )


async def everything(store: StoreHarness, limit: int) -> list[AuditEvent]:
    found: list[AuditEvent] = []
    cursor: str | None = None
    while True:
        page = await store.audit.page(cursor, limit)
        assert len(page.events) <= limit
        found += page.events
        if page.cursor is None:
            return found
        cursor = page.cursor


async def test_nothing_was_done_at_first(store: StoreHarness) -> None:
    assert await everything(store, 10) == []
    assert await store.audit.of_task("1") == []


@pytest.mark.parametrize("limit", [1, 2, 5, 6, 100])
async def test_events_come_back_as_they_were_the_latest_first_in_pages(store: StoreHarness, limit: int) -> None:
    subjects = (("1", None), (None, "kim:admin"), (None, None), ("2", None), ("1", None))
    written = [event(store, number, *subject) for number, subject in enumerate(subjects)]
    for each in written:
        await store.audit.append(each)
    assert await everything(store, limit) == written[::-1]
    assert await store.audit.of_task("1") == [written[0], written[4]]
    assert await store.audit.of_task("2") == [written[3]]


async def test_pages_go_on_where_they_were_though_more_is_done_meanwhile(store: StoreHarness) -> None:
    for number in range(4):
        await store.audit.append(event(store, number))
    first = await store.audit.page(None, 2)
    await store.audit.append(event(store, 4))
    second = await store.audit.page(first.cursor, 2)
    assert [each.nonce for each in (*first.events, *second.events)] == [f"{number:08x}" for number in (3, 2, 1, 0)]


async def test_an_event_that_is_written_again_is_one(store: StoreHarness) -> None:
    one, other = event(store, 1, task_id="1"), event(store, 2, task_id="1")
    for each in (one, other, one, other, one):
        await store.audit.append(each)
    assert await everything(store, 10) == [other, one]
    assert await store.audit.of_task("1") == [one, other]


async def test_of_one_task_the_latest_are_kept(store: StoreHarness) -> None:
    for number in range(AUDIT_KEPT_OF_TASK + 20):
        await store.audit.append(event(store, number, task_id="1"))
    found = await store.audit.of_task("1")
    assert [each.nonce for each in found] == [f"{number:08x}" for number in range(20, AUDIT_KEPT_OF_TASK + 20)]


@pytest.mark.parametrize("cursor", ["", "x", "-1", "1-", "(1-1", "1-1\n", "٣", "9" * 40])
async def test_a_foreign_cursor_is_refused(store: StoreHarness, cursor: str) -> None:
    with pytest.raises(ValueError, match="cursor"):
        await store.audit.page(cursor, 10)
