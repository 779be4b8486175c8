"""No action of an operator is lost from the audit because the store is away."""

from __future__ import annotations

import asyncio
import logging

import pytest

from adapters.memory import MemoryAuditLog
from application.auditing import EVERYBODY, MOST_KEPT, Audit, Subject
from domain.audit import Action, AuditEvent
from domain.errors import NotRegistered
from domain.operators import Decision
from domain.ports import StoreUnavailable
from tests.application.replica import Sequence, World, eventually, in_virtual_time

KIM = Decision("kim", "10.0.0.7", "upgrade")


class AwayLog(MemoryAuditLog):
    """Cannot be reached while ``away`` is set."""

    away = False

    async def append(self, event: AuditEvent) -> None:
        if self.away:
            raise StoreUnavailable("away")
        await super().append(event)


def make() -> tuple[Audit, AwayLog]:
    world = World()
    events = AwayLog(world.database)
    return Audit(events, world.clock, Sequence()), events


async def outcomes(events: AwayLog) -> list[str]:
    return [event.outcome for event in (await events.page(None, 10_000)).events][::-1]


def test_what_came_of_an_action_is_written_and_its_error_comes_out() -> None:
    async def story() -> None:
        audit, events = make()
        async with audit.of(Action.BLOCK, KIM):
            pass
        for error in (NotRegistered("10"), StoreUnavailable("away"), asyncio.CancelledError(), ZeroDivisionError()):
            with pytest.raises(type(error)):
                async with audit.of(Action.CANCEL, KIM, Subject("10")):
                    raise error
        assert await outcomes(events) == [
            "done",
            "refused: task 10 is not registered; create it through the frontend first",
            "unknown: away",
            "unknown: it was broken off",
            "unknown: it was broken off",
        ]

    in_virtual_time(story)


def test_events_are_kept_while_the_store_is_away_and_written_in_their_order() -> None:
    async def story() -> None:
        audit, events = make()
        async with audit.running():
            events.away = True
            for number in range(3):
                async with audit.of(Action.BLOCK, KIM, Subject(user_id=f"user{number}")):
                    pass
            assert await outcomes(events) == []
            events.away = False
            await eventually(lambda: len(events._events.before(None, 10)) == 3)
        page = await events.page(None, 10)
        assert [event.user_id for event in page.events] == ["user2", "user1", "user0"]

    in_virtual_time(story)


def test_the_end_of_the_process_is_the_last_chance_and_what_is_missing_then_is_named(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def story(*, back: bool) -> int:
        audit, events = make()
        async with audit.running():
            events.away = True
            async with audit.of(Action.BLOCK, KIM, EVERYBODY):
                pass
            events.away = not back
        return len(await outcomes(events))

    assert in_virtual_time(lambda: story(back=True)) == 1
    assert not [record for record in caplog.records if record.levelno >= logging.ERROR]
    assert in_virtual_time(lambda: story(back=False)) == 0
    (missing,) = [record for record in caplog.records if record.levelno >= logging.ERROR]
    assert "missing in the audit" in missing.getMessage()


def test_what_is_kept_is_bounded_and_what_is_dropped_is_named(caplog: pytest.LogCaptureFixture) -> None:
    async def story() -> None:
        audit, events = make()
        events.away = True
        for _ in range(MOST_KEPT + 2):
            async with audit.of(Action.ENABLE, KIM):
                pass
        events.away = False
        async with audit.running():
            await eventually(lambda: len(events._events.before(None, 10_000)) == MOST_KEPT)

    in_virtual_time(story)
    assert sum(record.levelno >= logging.ERROR for record in caplog.records) == 2
