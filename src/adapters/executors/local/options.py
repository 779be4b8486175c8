"""The allow-list of ``parameters.options``: what a user may ask of a mover, in words of our own.

The string is split as a shell would, and nothing in it ever reaches a mover as it is.
"""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass, replace

from domain.errors import InvalidRequest

MOST_AT_ONCE = 64
"""Files that a mover may be asked to copy, or to compare, at once."""

_RATE = re.compile(r"([0-9]{1,9}(?:\.[0-9]{1,3})?)([KMG])")
_UNITS = {"K": 1024, "M": 1024**2, "G": 1024**3}
_ACCEPTED = {
    "--delete": "remove from dst what src does not have",
    "--contents": "compare checksums instead of sizes and times",
    "--dryrun": "change nothing",
    "--bwlimit RATE": "bytes per second, such as 100M",
    "--transfers N": "files to copy at once",
    "--checkers N": "files to compare at once",
}
_OF_SERVICE = {
    "sync": tuple(_ACCEPTED),
    "cp": tuple(flag for flag in _ACCEPTED if flag != "--delete"),
    "rm": ("--dryrun",),
}


@dataclass(frozen=True, slots=True)
class Options:
    """What was asked for; None leaves a number to the mover."""

    delete: bool = False
    by_content: bool = False
    dry_run: bool = False
    bytes_per_s: int | None = None
    transfers: int | None = None
    checkers: int | None = None


def read_options(service: str, given: object) -> Options:
    """Read ``parameters.options``. Raises :class:`InvalidRequest` that names the first flag which is not accepted."""
    if not isinstance(given, str):
        raise InvalidRequest(f"options must be one string, such as {_example(service)!r}; got {given!r}")
    try:
        words = shlex.split(given)
    except ValueError as error:
        raise InvalidRequest(f"options {given!r} cannot be read: {error}") from error
    options = Options()
    while words:
        flag, _, value = words.pop(0).partition("=")
        wanted = next((known for known in _OF_SERVICE[service] if known.split()[0] == flag), None)
        if wanted is None:
            raise InvalidRequest(f"option {flag!r} is not accepted for {service}; accepted: {_listed(service)}")
        if " " not in wanted:
            if value:
                raise InvalidRequest(f"option {flag!r} takes no value; got {value!r}")
            options = _switch_on(options, flag)
        else:
            if not value and not words:
                raise InvalidRequest(f"option {flag!r} needs a value: {wanted}")
            options = _set(options, flag, value or words.pop(0))
    return options


def _switch_on(options: Options, flag: str) -> Options:
    if flag == "--delete":
        return replace(options, delete=True)
    if flag == "--contents":
        return replace(options, by_content=True)
    return replace(options, dry_run=True)


def _set(options: Options, flag: str, value: str) -> Options:
    if flag == "--bwlimit":
        return replace(options, bytes_per_s=_rate(value))
    if flag == "--transfers":
        return replace(options, transfers=_count(flag, value))
    return replace(options, checkers=_count(flag, value))


def _rate(value: str) -> int:
    match = _RATE.fullmatch(value)
    rate = float(match[1]) * _UNITS[match[2]] if match else 0.0
    if rate < 1024:
        raise InvalidRequest(f"--bwlimit must be a rate per second, such as 500K, 100M or 1.5G; got {value!r}")
    return int(rate)


def _count(flag: str, value: str) -> int:
    count = int(value) if re.fullmatch("[0-9]{1,3}", value) else 0
    if not 1 <= count <= MOST_AT_ONCE:
        raise InvalidRequest(f"{flag} must be a number from 1 to {MOST_AT_ONCE}; got {value!r}")
    return count


def _listed(service: str) -> str:
    return ", ".join(f"{flag} ({_ACCEPTED[flag]})" for flag in _OF_SERVICE[service])


def _example(service: str) -> str:
    return {"sync": "--delete --contents", "cp": "--contents"}.get(service, "--dryrun")
