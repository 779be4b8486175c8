"""Steps that a log line goes through before it is written."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from urllib.parse import parse_qs, unquote, urlsplit

import msgspec
from structlog.types import EventDict, WrappedLogger

from entrypoints.operators import operator_tokens
from entrypoints.settings import DEFAULT_TOKEN, Settings
from entrypoints.webhooks import webhook_secrets

SHORTEST_SECRET = 4
"""A shorter one would hide ordinary words, and protects nothing."""

HIDDEN = "***"

_encode = msgspec.json.Encoder(enc_hook=repr).encode


@dataclass(frozen=True, slots=True)
class Stamp:
    """Adds when it happened, in the zone of all our times."""

    zone: tzinfo

    def __call__(self, logger: WrappedLogger, method: str, event: EventDict) -> EventDict:
        record = event["_record"]
        event["timestamp"] = datetime.fromtimestamp(record.created, self.zone).isoformat(timespec="microseconds")
        return event


class Secrets:
    """The passwords and the token of the settings, which no line may tell."""

    def __init__(self, settings: Settings) -> None:
        long_enough = {secret for secret in _secrets(settings) if len(secret) >= SHORTEST_SECRET}
        self._texts = _longest_first(long_enough)
        self._in_json = _longest_first({json.dumps(secret)[1:-1] for secret in long_enough})

    def hidden_in(self, text: str, *, is_json: bool = False) -> str:
        """Return ``text`` without them. In JSON they may stand escaped."""
        for secret in self._in_json if is_json else self._texts:
            if secret in text:
                text = text.replace(secret, HIDDEN)
        return text


@dataclass(frozen=True, slots=True)
class Plain:
    """Turns every value into something that a terminal can show, without secrets."""

    secrets: Secrets

    def __call__(self, logger: WrappedLogger, method: str, event: EventDict) -> EventDict:
        return {key: self._plain(value) for key, value in event.items()}

    def _plain(self, value: object) -> object:
        if value is None or isinstance(value, bool | int | float):
            return value
        return self.secrets.hidden_in(str(value) if isinstance(value, str) else repr(value))


@dataclass(frozen=True, slots=True)
class RenderJson:
    """Writes a line as one JSON object in ASCII, without secrets: nothing in it can forge a line or move a cursor."""

    secrets: Secrets

    def __call__(self, logger: WrappedLogger, method: str, event: EventDict) -> str:
        try:
            text = _encode(event).decode("ascii")
        except (msgspec.MsgspecError, ValueError, OverflowError, RecursionError):
            # Several times slower, and takes everything.
            text = json.dumps(event, default=repr)
        return self.secrets.hidden_in(text, is_json=True)


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


def _longest_first(texts: Iterable[str]) -> Sequence[str]:
    return sorted(texts, key=len, reverse=True)


def _escaped(text: str) -> str:
    if text.isprintable():
        return text
    return "".join(each if each.isprintable() else each.encode("unicode_escape").decode() for each in text)


def _secrets(settings: Settings) -> Iterator[str]:
    yield from (token for token in operator_tokens(settings).values() if token != DEFAULT_TOKEN)
    if settings.webhooks:
        yield from webhook_secrets(settings)
    for url in (settings.redis_write_url, settings.redis_read_url):
        parts = urlsplit(url)
        for written in (parts.password, *parse_qs(parts.query).get("password", ())):
            if written:
                yield written
                yield unquote(written)
