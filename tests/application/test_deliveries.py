"""Notifications reach their receivers at least once, in virtual time."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence

import pytest

from adapters.memory import MemoryOutbox
from application.deliveries import DeliverNotifications, Pace
from application.outbox import Claimed, Delivery, Result
from domain.notifications import DeliveryPolicy, Notification
from domain.ports import StoreUnavailable
from tests.application.replica import Sequence as Numbers
from tests.application.replica import World, eventually, in_virtual_time

HOUR_S = 3600.0
DAY_S = 24 * HOUR_S
LOOK_S = 60.0
NO = Delivery(Result.ANSWERED, "a.example: it answered 500")
YES = Delivery(Result.DELIVERED)

Answer = Callable[[Notification], Awaitable[Delivery]]


class AwayOutbox(MemoryOutbox):
    """Cannot be reached while ``away`` is set."""

    away = False

    async def claim(self, route: str, most: int, hold_s: float) -> Sequence[Claimed]:
        self._check()
        return await super().claim(route, most, hold_s)

    async def remove(self, claimed: Claimed, failure: str = "") -> None:
        self._check()
        await super().remove(claimed, failure)

    async def put_off(self, claimed: Claimed, pause_s: float, failure: str = "") -> None:
        self._check()
        await super().put_off(claimed, pause_s, failure)

    def _check(self) -> None:
        if self.away:
            raise StoreUnavailable("away")


class Tally:
    """Counts what it is told."""

    def __init__(self) -> None:
        self.tries: Counter[Result] = Counter()
        self.given_up = 0

    def tried(self, result: Result) -> None:
        self.tries[result] += 1

    def gave_up(self) -> None:
        self.given_up += 1


class Stage:
    """An outbox, a receiver whose answers a test chooses, and replicas that deliver."""

    def __init__(self, answer: Answer) -> None:
        self.world = World()
        self.outbox = AwayOutbox(self.world.database)
        self.meter = Tally()
        self.sent: list[tuple[float, Notification]] = []
        self.answer = answer

    def write(self, *ids: str, route: str = "*") -> None:
        for each in ids:
            self.world.database.outbox.add(Notification(each, route, f"body of {each}"))

    async def deliver(self, notification: Notification) -> Delivery:
        self.sent.append((asyncio.get_running_loop().time(), notification))
        return await self.answer(notification)

    def replica(self, pace: Pace | None = None) -> DeliverNotifications:
        clock = self.world.clock
        return DeliverNotifications(
            self.outbox, self.deliver, clock, Numbers(), self.meter, DeliveryPolicy(), pace or Pace()
        )

    async def waiting(self, route: str = "*") -> int:
        return (await self.outbox.backlog([route]))[route].waiting

    def ids(self) -> list[str]:
        return [notification.id for _, notification in self.sent]


async def taken(_: Notification) -> Delivery:
    return YES


async def refused(_: Notification) -> Delivery:
    return NO


async def never(_: Notification) -> Delivery:
    await asyncio.Event().wait()
    return YES


def test_what_is_taken_is_sent_once() -> None:
    async def story() -> None:
        stage = Stage(taken)
        stage.write("a", "b")
        async with stage.replica().running(frozenset("*")):
            await asyncio.sleep(10)
            stage.write("c")
            await asyncio.sleep(10)
        assert sorted(stage.ids()) == ["a", "b", "c"]
        assert await stage.waiting() == 0
        assert stage.meter.tries == {Result.DELIVERED: 3}

    in_virtual_time(story)


def test_what_is_refused_is_sent_again_the_same_and_at_last_given_up(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)

    async def story() -> None:
        stage = Stage(refused)
        stage.write("a")
        async with stage.replica(Pace(poll_s=LOOK_S)).running(frozenset("*")):
            await asyncio.sleep(2 * DAY_S)
        moments = [moment for moment, _ in stage.sent]
        assert {notification for _, notification in stage.sent} == {Notification("a", "*", "body of a")}
        # The last try comes when a day is over, or a look later.
        assert DAY_S <= moments[-1] - moments[0] <= DAY_S + 2 * LOOK_S
        assert moments[1] - moments[0] <= 2 * LOOK_S
        assert await stage.waiting() == 0
        assert (stage.meter.given_up, stage.meter.tries[Result.ANSWERED]) == (1, len(moments))
        assert len(moments) < 70

    in_virtual_time(story)
    (line,) = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert line.getMessage() == "a notification is given up"
    assert line.__dict__["reason"] == NO.failure


def test_it_is_told_when_the_receiver_is_back() -> None:
    async def story() -> None:
        stage = Stage(refused)
        stage.write("a")
        async with stage.replica().running(frozenset("*")):
            await asyncio.sleep(5 * HOUR_S)
            stage.answer = taken
            await asyncio.sleep(2 * HOUR_S)
        assert await stage.waiting() == 0
        assert stage.meter.tries[Result.DELIVERED] == 1
        assert stage.meter.given_up == 0

    in_virtual_time(story)


def test_a_receiver_that_stalls_holds_up_no_other() -> None:
    async def answer(notification: Notification) -> Delivery:
        return await (never if notification.route == "sync" else taken)(notification)

    async def story() -> None:
        stage = Stage(answer)
        pace = Pace(at_once=3, hold_s=HOUR_S, grace_s=0)
        stage.write(*(f"s{number}" for number in range(100)), route="sync")
        stage.write(*(f"r{number}" for number in range(100)), route="rm")
        began = asyncio.get_running_loop().time()
        async with stage.replica(pace).running(frozenset({"sync", "rm"})):
            await eventually(lambda: sum(each.startswith("r") for each in stage.ids()) == 100)
            assert asyncio.get_running_loop().time() - began < 2
            # And only so many at once are kept waiting with it.
            assert sum(each.startswith("s") for each in stage.ids()) == 3

    in_virtual_time(story)


def test_a_store_that_is_away_loses_nothing_and_doubles_nothing() -> None:
    async def story() -> None:
        stage = Stage(taken)

        async def taken_as_the_store_goes(_: Notification) -> Delivery:
            stage.outbox.away = True
            return YES

        stage.answer = taken_as_the_store_goes
        stage.write("a")
        async with stage.replica().running(frozenset("*")):
            await asyncio.sleep(30)
            assert (stage.ids(), await stage.waiting()) == (["a"], 1)
            stage.answer, stage.outbox.away = taken, False
            await asyncio.sleep(10)
            stage.write("b")
            await asyncio.sleep(10)
        assert (stage.ids(), await stage.waiting()) == (["a", "b"], 0)

    in_virtual_time(story)


def test_a_replica_that_is_gone_leaves_what_it_held_to_another() -> None:
    async def story() -> None:
        stage = Stage(taken)
        stage.write("a")
        await stage.outbox.claim("*", 1, Pace().hold_s)  # by one that says nothing more
        async with stage.replica().running(frozenset("*")):
            await asyncio.sleep(Pace().hold_s - 5)
            assert stage.sent == []
            await asyncio.sleep(10)
        assert stage.ids() == ["a"]

    in_virtual_time(story)


@pytest.mark.parametrize("away", [False, True])
def test_a_shutdown_waits_so_long_and_gives_back_the_rest(away: bool) -> None:
    async def story() -> None:
        stage = Stage(never)
        stage.write("a")
        async with stage.replica(Pace(grace_s=3)).running(frozenset("*")):
            await eventually(lambda: bool(stage.sent))
            stage.outbox.away = away
            ended = asyncio.get_running_loop().time()
        assert 3 <= asyncio.get_running_loop().time() - ended <= 4
        stage.outbox.away = False
        due = await stage.outbox.claim("*", 1, 1)
        assert bool(due) is not away

    in_virtual_time(story)


def test_a_shutdown_lets_end_what_is_about_to() -> None:
    async def soon(_: Notification) -> Delivery:
        await asyncio.sleep(2)
        return YES

    async def story() -> None:
        stage = Stage(soon)
        stage.write("a")
        async with stage.replica(Pace(grace_s=3)).running(frozenset("*")):
            await eventually(lambda: bool(stage.sent))
        assert await stage.waiting() == 0
        assert stage.meter.tries == {Result.DELIVERED: 1}

    in_virtual_time(story)


def test_a_bug_in_one_delivery_stops_no_other(caplog: pytest.LogCaptureFixture) -> None:
    async def broken(notification: Notification) -> Delivery:
        if notification.id == "bad":
            raise ZeroDivisionError
        return YES

    async def story() -> None:
        stage = Stage(broken)
        stage.write("bad", "good")
        async with stage.replica().running(frozenset("*")):
            await asyncio.sleep(10)
        assert await stage.waiting() == 1
        assert stage.meter.tries == {Result.DELIVERED: 1}

    in_virtual_time(story)
    assert "not done because of a bug: deliver a notification" in caplog.text
