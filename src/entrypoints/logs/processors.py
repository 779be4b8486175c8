"""Steps that a log line goes through before a terminal shows it, or before it leaves structlog."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, tzinfo

from structlog.types import EventDict, WrappedLogger

from entrypoints.logs.json_lines import NO_FIELDS
from entrypoints.logs.secrets import Secrets

_TAKEN = NO_FIELDS - {"exc_info", "stack_info"}  # these two mean the same to structlog


@dataclass(frozen=True, slots=True)
class Stamp:
    """Adds when it happened, in the zone of all our times."""

    zone: tzinfo

    def __call__(self, logger: WrappedLogger, method: str, event: EventDict) -> EventDict:
        record = event["_record"]
        event["timestamp"] = datetime.fromtimestamp(record.created, self.zone).isoformat(timespec="microseconds")
        return event


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


class Escape:
    """Keeps what users send from forging a line or moving the cursor of a terminal."""

    def __call__(self, logger: WrappedLogger, method: str, event: EventDict) -> EventDict:
        exception = event.pop("exception", None)
        escaped = {key: _escaped(value) if isinstance(value, str) else value for key, value in event.items()}
        if exception is not None:
            # Only its own line breaks stay, and no line of it begins where a log line does.
            escaped["exception"] = "\n".join(f"    {_escaped(line)}" for line in str(exception).split("\n"))
        return escaped


def drop_copies(logger: WrappedLogger, method: str, event: EventDict) -> EventDict:
    """Drop further copies of the message: uvicorn's for terminals, and what another handler's formatter left."""
    for name in ("color_message", "message", "asctime"):
        event.pop(name, None)
    return event


def rename_taken(logger: WrappedLogger, method: str, event: EventDict) -> EventDict:
    """Put an underscore behind the name of a field that a record has an attribute of: logging would raise."""
    return {f"{name}_" if name in _TAKEN else name: value for name, value in event.items()}


def _escaped(text: str) -> str:
    if text.isprintable():
        return text
    return "".join(each if each.isprintable() else each.encode("unicode_escape").decode() for each in text)
