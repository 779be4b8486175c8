"""Following the service's events over as many connections as it takes."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from entrypoints.cli.admin.client import AdminClient, Document, TokenRefused, Unreachable

AGAIN_S = 1.0
"""Pause before a connection that has ended is made anew."""


@dataclass(frozen=True, slots=True)
class Event:
    """Something that has happened."""

    kind: str
    data: Document
    id: str
    """What leads on from it; that of counts is the one before."""


@dataclass(slots=True)
class EventStream:
    """All events from one moment on: what happened between two connections comes with the second one."""

    client: AdminClient
    query: Document
    last_id: str | None
    """Of the latest event; None before the first."""
    on_break: Callable[[Unreachable], None]
    """Is told why a connection ended, each time."""

    def __iter__(self) -> Iterator[Event]:
        """Yield events for ever.

        Raises Refused, and Unreachable where the first connection cannot be made or the token is refused.
        """
        is_connected = False
        while True:
            try:
                with self.client.stream("/events", self._headers(), **self.query) as lines:
                    is_connected = True
                    yield from self._events(lines)
                self.on_break(Unreachable(f"{self.client.url} has ended the stream"))
            except TokenRefused:
                raise
            except Unreachable as error:
                if not is_connected:
                    raise
                self.on_break(error)
            time.sleep(AGAIN_S)

    def _headers(self) -> dict[str, str]:
        return {"Last-Event-ID": self.last_id} if self.last_id else {}

    def _events(self, lines: Iterable[bytes]) -> Iterator[Event]:
        fields: dict[str, str] = {}
        for line in lines:
            name, _, value = line.decode().rstrip("\n").partition(": ")
            if name:
                fields[name] = value
                continue
            # An id counts once its event is complete, as in a browser.
            self.last_id = fields.get("id", self.last_id)
            if "data" in fields:
                yield Event(fields.get("event", ""), json.loads(fields["data"]), self.last_id or "")
            fields = {}
