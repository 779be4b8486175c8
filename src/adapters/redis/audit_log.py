"""What operators did, in Redis: one bounded stream of all, and one for each task."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import cast

import msgspec

from adapters.redis import keys
from adapters.redis.endpoints import RedisEndpoints, as_text
from adapters.redis.lua import load_script
from application.ports import AUDIT_KEPT, AUDIT_KEPT_OF_TASK, AuditPage
from domain.audit import AuditEvent

log = logging.getLogger(__name__)

OF_TASK_KEPT_MS = 180 * 86_400_000
"""Twice the frontend's default TTL of a record, since the latest event."""

Entry = tuple[bytes, Mapping[bytes, bytes]]

_CURSOR = re.compile(r"[0-9]{1,15}-[0-9]{1,15}\Z")
_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(AuditEvent).decode


class RedisAuditLog:
    """Implements :class:`application.ports.AuditLog`, at the write endpoint: operators look for what they just did."""

    def __init__(self, endpoints: RedisEndpoints) -> None:
        self._redis = endpoints.write
        self._attempt = endpoints.attempt
        self._append = load_script(endpoints.write, "audit")

    async def append(self, event: AuditEvent) -> None:
        names = [keys.AUDIT, *([] if event.task_id is None else [keys.audit_key(event.task_id)])]
        args: list[str | bytes | int] = [event.nonce, _encode(event), AUDIT_KEPT, AUDIT_KEPT_OF_TASK, OF_TASK_KEPT_MS]
        await self._attempt(lambda: self._append(keys=names, args=args))

    async def page(self, cursor: str | None, limit: int) -> AuditPage:
        if cursor is not None and not _CURSOR.match(cursor):
            raise ValueError(f"cursor {cursor!r} is not one that the audit gave; leave it out to begin anew")
        latest = "+" if cursor is None else f"({cursor}"
        found = await self._attempt(lambda: self._redis.xrevrange(keys.AUDIT, latest, "-", count=limit))
        entries = cast("list[Entry]", found)
        following = as_text(entries[-1][0]) if len(entries) == limit else None
        return AuditPage(list(_events(entries)), following)

    async def of_task(self, task_id: str) -> list[AuditEvent]:
        found = await self._attempt(lambda: self._redis.xrange(keys.audit_key(task_id), "-", "+"))
        return list(_events(cast("list[Entry]", found)))


def _events(entries: Iterable[Entry]) -> Iterator[AuditEvent]:
    for place, fields in entries:
        try:
            yield _decode(fields[b"event"])
        except (KeyError, msgspec.DecodeError) as error:
            # A newer scheduler may know actions that this one does not.
            log.warning("an event of the audit cannot be read", extra={"entry": as_text(place), "reason": str(error)})
