"""What a variable's text may be: each kind reads a value, writes it back, and says what it accepts."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from entrypoints.settings.values import ServiceLimits

T = TypeVar("T")
E = TypeVar("E", bound=StrEnum)

LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
LARGEST_COUNT = 1_000_000
LONGEST_SECONDS = 365 * 86400

_WHOLE = re.compile(r"[0-9]{1,10}")
_DECIMAL = re.compile(r"[0-9]{1,10}(\.[0-9]{1,9})?")
_DATABASE = re.compile(r"(/[0-9]{0,5})?")
_SERVICE_LIMIT = re.compile(r"([A-Za-z0-9_.-]{1,64})=([0-9]{1,10})")


@dataclass(frozen=True, slots=True)
class Kind(Generic[T]):
    """How one sort of value is read and written."""

    accepted: str
    """For people: completes the sentence "accepted is …"."""
    parse: Callable[[str], T]
    """Raises ValueError for what is not accepted."""
    show: Callable[[T], str] = str
    """Writes a value so that ``parse`` reads it back."""


def text() -> Kind[str]:
    """One line of printable characters."""
    return Kind("one line of printable characters", _printable)


def token() -> Kind[str]:
    """What can stand in an HTTP header."""
    return Kind("printable ASCII characters without spaces", _token)


def whole(least: int, most: int = LARGEST_COUNT) -> Kind[int]:
    """A whole number in decimal digits."""

    def parse(given: str) -> int:
        if not _WHOLE.fullmatch(given) or not least <= int(given) <= most:
            raise ValueError
        return int(given)

    return Kind(f"a whole number from {least} to {most}", parse)


def seconds(least: float, most: float = LONGEST_SECONDS) -> Kind[float]:
    """A span of time in seconds, with or without a fraction."""

    def parse(given: str) -> float:
        if not _DECIMAL.fullmatch(given) or not least <= float(given) <= most:
            raise ValueError
        return float(given)

    return Kind(f"a number of seconds from {_show_seconds(least)} to {_show_seconds(most)}", parse, _show_seconds)


def one_of(choices: type[E]) -> Kind[E]:
    """One member of an enumeration, in any case of letters."""
    return Kind(" or ".join(choices), lambda given: choices(given.lower()))


def switch() -> Kind[bool]:
    """On or off, in any case of letters."""
    return Kind("on or off", _switch, lambda value: "on" if value else "off")


def log_level() -> Kind[str]:
    """A level of the standard library's logging, in any case of letters."""

    def parse(given: str) -> str:
        if given.upper() not in LOG_LEVELS:
            raise ValueError
        return given.upper()

    return Kind(" or ".join(LOG_LEVELS), parse)


def zone() -> Kind[ZoneInfo]:
    """A time zone of the IANA database."""
    return Kind("an IANA time zone such as Asia/Seoul or UTC", _zone, lambda value: value.key)


def redis_url() -> Kind[str]:
    """The address of a Redis server, perhaps with a password in it."""
    return Kind("a URL such as redis://user:password@host:6379/0 (or rediss://, unix://)", _redis_url)


def roots() -> Kind[tuple[str, ...]]:
    """Absolute directories, separated by colons."""
    return Kind("absolute paths separated by colons, such as /pvs:/home/gpu1", _roots, ":".join)


def service_limits() -> Kind[ServiceLimits]:
    """A limit for every service, limits for named ones, or both."""
    return Kind("a number for every service, named ones, or both, such as 8 or 8,sync=4,rm=2", _limits, _show_limits)


def optional(kind: Kind[T]) -> Kind[T | None]:
    """The same kind, where nothing at all is a value too."""
    return Kind(kind.accepted, kind.parse, lambda value: "" if value is None else kind.show(value))


def hide_password(url: str) -> str:
    """Return a Redis URL that may be shown to people and written to logs, be it well-formed or not."""
    head, at, tail = url.rpartition("@")
    scheme = head[: head.find("://") + 3] if "://" in head else ""
    shown = f"{scheme}***@{tail}" if at else url
    # redis-py takes a password from the query too.
    return shown.partition("?")[0]


def _printable(given: str) -> str:
    if not given.isprintable():
        raise ValueError
    return given


def _token(given: str) -> str:
    if not (given.isascii() and given.isprintable()) or " " in given:
        raise ValueError
    return given


def _switch(given: str) -> bool:
    if given.lower() not in ("on", "off"):
        raise ValueError
    return given.lower() == "on"


def _show_seconds(value: float) -> str:
    return f"{value:.9f}".rstrip("0").rstrip(".")


def _zone(given: str) -> ZoneInfo:
    try:
        return ZoneInfo(given)
    except (OSError, LookupError):
        raise ValueError from None


def _redis_url(given: str) -> str:
    parts = urlsplit(given)
    a_socket = parts.scheme == "unix" and parts.path.startswith("/")
    # `.port` raises ValueError for what is no port.
    a_server = parts.scheme in ("redis", "rediss") and bool(parts.hostname) and parts.port != 0
    if not (a_socket or (a_server and _DATABASE.fullmatch(parts.path))) or not given.isprintable() or " " in given:
        raise ValueError
    return given


def _roots(given: str) -> tuple[str, ...]:
    found = []
    for root in given.split(":"):
        normal = posixpath.normpath(root)
        if not root.startswith("/") or root.startswith("//") or normal != (root.rstrip("/") or "/") or "\0" in root:
            raise ValueError
        found.append(normal)
    return tuple(dict.fromkeys(found))


def _limits(given: str) -> ServiceLimits:
    every: int | None = None
    named: dict[str, int] = {}
    for item in given.split(","):
        match = _SERVICE_LIMIT.fullmatch(item)
        if match is not None and match[1] not in named:
            named[match[1]] = _limit(match[2])
        elif every is None:
            every = _limit(item)
        else:
            raise ValueError
    return ServiceLimits(every, tuple(named.items()))


def _limit(given: str) -> int:
    return whole(1).parse(given)


def _show_limits(limits: ServiceLimits) -> str:
    every = [] if limits.every is None else [str(limits.every)]
    return ",".join([*every, *(f"{service}={limit}" for service, limit in limits.named)])
