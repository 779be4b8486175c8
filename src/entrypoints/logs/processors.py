"""Steps that a log line goes through before it is written."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, tzinfo
from urllib.parse import parse_qs, unquote, urlsplit

from structlog.types import EventDict, WrappedLogger

from entrypoints.settings import DEFAULT_TOKEN, Settings

SHORTEST_SECRET = 4
"""A shorter one would hide ordinary words, and protects nothing."""

HIDDEN = "***"


@dataclass(frozen=True, slots=True)
class Stamp:
    """Adds when it happened, in the zone of all our times."""

    zone: tzinfo

    def __call__(self, logger: WrappedLogger, method: str, event: EventDict) -> EventDict:
        record = event["_record"]
        event["timestamp"] = datetime.fromtimestamp(record.created, self.zone).isoformat(timespec="microseconds")
        return event


class Scrub:
    """Turns every value into plain JSON and hides the passwords and the token of the settings in it."""

    def __init__(self, settings: Settings) -> None:
        long_enough = {secret for secret in _secrets(settings) if len(secret) >= SHORTEST_SECRET}
        self._secrets = tuple(sorted(long_enough, key=len, reverse=True))

    def __call__(self, logger: WrappedLogger, method: str, event: EventDict) -> EventDict:
        return {key: self._plain(value) for key, value in event.items()}

    def _plain(self, value: object) -> object:
        if value is None or isinstance(value, bool | int | float):
            return value
        text = str(value) if isinstance(value, str) else repr(value)
        for secret in self._secrets:
            text = text.replace(secret, HIDDEN)
        return text


class Escape:
    """Keeps what users send from forging a line or moving the cursor of a terminal."""

    def __call__(self, logger: WrappedLogger, method: str, event: EventDict) -> EventDict:
        exception = event.pop("exception", None)
        escaped = {key: _escaped(value) if isinstance(value, str) else value for key, value in event.items()}
        if exception is not None:
            # Only its own line breaks stay, and no line of it begins where a log line does.
            escaped["exception"] = "\n".join(f"    {_escaped(line)}" for line in str(exception).split("\n"))
        return escaped


@dataclass(frozen=True, slots=True)
class Order:
    """Puts what a reader looks for first in front, and at the end who says so, for logs that hold several services'."""

    service_name: str

    def __call__(self, logger: WrappedLogger, method: str, event: EventDict) -> EventDict:
        first = {key: event.pop(key) for key in ("timestamp", "level", "event") if key in event}
        return {**first, **event, "service_name": self.service_name}


def drop_copies(logger: WrappedLogger, method: str, event: EventDict) -> EventDict:
    """Drop further copies of the message: uvicorn's for terminals, and what another handler's formatter left."""
    for name in ("color_message", "message", "asctime"):
        event.pop(name, None)
    return event


def _escaped(text: str) -> str:
    if text.isprintable():
        return text
    return "".join(each if each.isprintable() else each.encode("unicode_escape").decode() for each in text)


def _secrets(settings: Settings) -> Iterator[str]:
    if settings.operator_token != DEFAULT_TOKEN:
        yield settings.operator_token
    for url in (settings.redis_write_url, settings.redis_read_url):
        parts = urlsplit(url)
        for written in (parts.password, *parse_qs(parts.query).get("password", ())):
            if written:
                yield written
                yield unquote(written)
