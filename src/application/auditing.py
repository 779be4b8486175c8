"""Writing down what operators do."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from application.ending import end_all
from application.ports import AuditLog
from domain.audit import DONE, Action, AuditEvent
from domain.errors import DomainError
from domain.operators import Decision
from domain.ports import Clock, Entropy, StoreUnavailable

log = logging.getLogger(__name__)

MOST_KEPT = 1_000
"""Events that wait for a store that is away; the oldest beyond that are in the service's log only."""

STORE_RETRY_S = 1.0
"""Pause before what is kept is written again while the store is away."""


@dataclass(frozen=True, slots=True)
class Subject:
    """What an action is about: a task, a user, or everybody."""

    task_id: str | None = None
    user_id: str | None = None
    detail: str = ""


EVERYBODY = Subject()


class Audit:
    """Every action of an operator becomes one event, whatever comes of it.

    The event is written after the action, so that it tells the outcome. It goes to the service's log at once. A store
    that cannot take it then makes no action undone and no answer wrong: the event is kept, and written when the store
    is back, or named as an error in the log where this process ends before that.
    """

    def __init__(self, events: AuditLog, clock: Clock, entropy: Entropy) -> None:
        self._events = events
        self._clock = clock
        self._entropy = entropy
        self._kept: deque[AuditEvent] = deque()
        self._something = asyncio.Event()

    @asynccontextmanager
    async def of(self, action: Action, by: Decision, subject: Subject = EVERYBODY) -> AsyncIterator[None]:
        """Carry the action out in the caller's block, and write down what came of it. Its errors come out."""
        outcome = "unknown: it was broken off"
        try:
            yield
            outcome = DONE
        except StoreUnavailable as error:
            outcome = f"unknown: {error}"
            raise
        except DomainError as error:
            outcome = f"refused: {error}"
            raise
        finally:
            await self._write(self._event(action, by, subject, outcome))

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Write what is kept beside the caller's block, and a last time at its end."""
        loop = asyncio.create_task(self._run(), name="write the audit")
        try:
            yield
        finally:
            await end_all([loop])
            try:
                await self._write_kept()
            except StoreUnavailable:
                for event in self._kept:
                    log.error("this event is missing in the audit", extra=_about(event))

    def _event(self, action: Action, by: Decision, subject: Subject, outcome: str) -> AuditEvent:
        return AuditEvent(
            nonce=self._entropy.nonce(),
            at=self._clock.now(),
            action=action,
            by=by,
            outcome=outcome,
            task_id=subject.task_id,
            user_id=subject.user_id,
            detail=subject.detail,
        )

    async def _write(self, event: AuditEvent) -> None:
        log.info("operator action", extra=_about(event))
        try:
            await self._events.append(event)
        except (StoreUnavailable, asyncio.CancelledError) as error:
            self._keep(event)
            if isinstance(error, asyncio.CancelledError):
                raise

    def _keep(self, event: AuditEvent) -> None:
        log.warning("an event of the audit is kept until the store takes it", extra=_about(event))
        self._kept.append(event)
        if len(self._kept) > MOST_KEPT:
            log.error("this event is missing in the audit", extra=_about(self._kept.popleft()))
        self._something.set()

    async def _run(self) -> None:
        while True:
            await self._something.wait()
            try:
                await self._write_kept()
            except StoreUnavailable:
                await self._clock.sleep(STORE_RETRY_S)

    async def _write_kept(self) -> None:
        while self._kept:
            event = self._kept[0]
            await self._events.append(event)
            if self._kept and self._kept[0] is event:
                self._kept.popleft()
        self._something.clear()


def _about(event: AuditEvent) -> dict[str, object]:
    about = {
        "action": str(event.action),
        "operator": event.by.operator,
        "address": event.by.address,
        "why": event.by.reason,
        "outcome": event.outcome,
        "task_id": event.task_id,
        "user_id": event.user_id,
        "detail": event.detail,
        "at": event.at.isoformat(),
    }
    return {name: value for name, value in about.items() if value}
