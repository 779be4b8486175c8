"""Delivering what the outbox holds: one loop for each receiver, so that none waits for another's."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from application.ending import end_within
from application.outbox import Claimed, Deliverer, Delivery, DeliveryMeter, Outbox, Result
from application.surviving import survived
from application.waiting import happens_within
from domain.notifications import DeliveryPolicy
from domain.ports import Clock, Entropy, StoreUnavailable

log = logging.getLogger(__name__)

LAST_CLAIM_S = 1.0
"""So long a shutdown waits for the answer of a claim: what is claimed and not known would be held for nothing."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How deliveries go on. Times in seconds."""

    at_once: int = 8
    """Deliveries of one route under way at once in this process."""
    poll_s: float = 1.0
    """How often a route that has nothing due is looked at, and a store that is away is tried."""
    hold_s: float = 60.0
    """So long nobody else gets what this process delivers. More than a delivery takes, with all that is behind it."""
    grace_s: float = 2.0
    """How long a shutdown lets deliveries end. What has not by then is given back."""


class DeliverNotifications:
    """Deliver at least once: a notification is forgotten when its receiver has taken it, or when it is too old.

    Any replica delivers what any replica has written. One that dies in between loses nothing: what it held is due again
    when its hold is over.
    """

    def __init__(
        self,
        outbox: Outbox,
        deliver: Deliverer,
        clock: Clock,
        entropy: Entropy,
        meter: DeliveryMeter,
        policy: DeliveryPolicy,
        pace: Pace,
    ) -> None:
        self._outbox = outbox
        self._deliver = deliver
        self._clock = clock
        self._entropy = entropy
        self._meter = meter
        self._policy = policy
        self._pace = pace

    @asynccontextmanager
    async def running(self, routes: frozenset[str]) -> AsyncIterator[None]:
        """Deliver beside the caller's block. Leaving it ends what is under way, or gives it back."""
        stopping = asyncio.Event()
        busy: dict[str, set[asyncio.Task[None]]] = {route: set() for route in sorted(routes)}
        loops = [
            asyncio.create_task(self._run(route, under_way, stopping), name=f"deliver notifications of {route}")
            for route, under_way in busy.items()
        ]
        try:
            yield
        finally:
            stopping.set()
            await end_within(loops, LAST_CLAIM_S)
            await end_within([task for under_way in busy.values() for task in under_way], self._pace.grace_s)

    async def _run(self, route: str, busy: set[asyncio.Task[None]], stopping: asyncio.Event) -> None:
        while not stopping.is_set():
            room = self._pace.at_once - len(busy)
            claimed = 0
            with survived("claim notifications"):
                claimed = await self._claim(route, room, busy)
            if claimed < room:
                await happens_within(stopping, self._pace.poll_s, self._clock)
            else:
                await _first_of(busy, stopping)

    async def _claim(self, route: str, room: int, busy: set[asyncio.Task[None]]) -> int:
        found = await self._outbox.claim(route, room, self._pace.hold_s) if room else ()
        for claimed in found:
            task = asyncio.create_task(self._handle(claimed), name=f"deliver {claimed.notification.id}")
            busy.add(task)
            task.add_done_callback(busy.discard)
        return len(found)

    async def _handle(self, claimed: Claimed) -> None:
        with survived("deliver a notification"):
            try:
                delivery = await self._deliver(claimed.notification)
            except asyncio.CancelledError:
                await self._give_back(claimed)
                raise
            self._meter.tried(delivery.result)
            await self._settle(claimed, delivery)

    async def _give_back(self, claimed: Claimed) -> None:
        """Let another replica deliver it at once; where the store is away, when the hold is over."""
        with survived("give a notification back"):
            await self._outbox.put_off(claimed, 0.0)

    async def _settle(self, claimed: Claimed, delivery: Delivery) -> None:
        """Write down what came of it, however long the store is away: else it would be delivered again."""
        pause_s = self._pause_after(claimed, delivery)
        while True:
            try:
                if pause_s is None:
                    await self._outbox.remove(claimed, delivery.failure)
                else:
                    await self._outbox.put_off(claimed, pause_s, delivery.failure)
                return
            except StoreUnavailable:
                await self._clock.sleep(self._pace.poll_s)

    def _pause_after(self, claimed: Claimed, delivery: Delivery) -> float | None:
        """Return when to try again; None where there is nothing more to do."""
        if delivery.result is Result.DELIVERED:
            return None
        about = {
            "notification": claimed.notification.id,
            "route": claimed.notification.route,
            "tries": claimed.tries,
            "reason": delivery.failure,
        }
        pause_s = self._policy.pause(claimed.tries, claimed.age_s, self._entropy.jitter())
        if pause_s is None:
            self._meter.gave_up()
            log.error("a notification is given up", extra=about)
        else:
            log.info("a notification was not delivered; it is tried again", extra=about)
        return pause_s


async def _first_of(busy: set[asyncio.Task[None]], stopping: asyncio.Event) -> None:
    """Return when one delivery has ended, or all are to."""
    stop = asyncio.create_task(stopping.wait())
    try:
        await asyncio.wait({*busy, stop}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        stop.cancel()
