"""What a task asks of the local executor, read from its service and parameters."""

from __future__ import annotations

from dataclasses import dataclass

from adapters.executors.local.options import Options, read_options
from domain.errors import InvalidRequest
from domain.paths import PathPolicy
from domain.values import Parameters

SERVICES = ("sync", "cp", "rm")


@dataclass(frozen=True, slots=True)
class Copy:
    """``sync`` and ``cp``: make ``target`` like ``source``. Only a sync may delete, and only when it is asked to."""

    source: str
    target: str
    options: Options


@dataclass(frozen=True, slots=True)
class Remove:
    """``rm``: remove one tree."""

    target: str
    options: Options


Request = Copy | Remove


def read_request(service: str, parameters: Parameters, policy: PathPolicy) -> Request:
    """Return what is asked for. Raises :class:`InvalidRequest` in plain words; does no I/O."""
    if service not in SERVICES:
        raise InvalidRequest(f"service {service!r} is not known to the local executor; it has {', '.join(SERVICES)}")
    known = ("path", "options") if service == "rm" else ("src", "dst", "options")
    unknown = sorted(set(parameters) - set(known))
    if unknown:
        raise InvalidRequest(f"parameter {unknown[0]!r} is not known to {service}; it takes {', '.join(known)}")
    options = read_options(service, parameters["options"]) if "options" in parameters else Options()
    if service == "rm":
        target = policy.check_target("path", parameters.get("path"))
        _check_encoding("path", target)
        return Remove(target, options)
    source, target = policy.check_pair(parameters.get("src"), parameters.get("dst"))
    _check_encoding("src", source)
    _check_encoding("dst", target)
    return Copy(source, target, options)


def _check_encoding(name: str, path: str) -> None:
    try:
        # Lone surrogates of this kind stand for bytes that are not UTF-8, which names of files may hold.
        path.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError as error:
        character = error.object[error.start]
        raise InvalidRequest(f"{name} holds a character that no file name can hold: {character!r}") from error
