"""A record's free-form parameters: any JSON object, but not nested so deep that somebody could not read it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec

DEEPEST = 100
"""How deep ``parameters`` may be nested. Somewhere behind it every parser gives up, and not all at the same depth."""

UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
"""What a parser may raise."""

_decode_object = msgspec.json.Decoder(dict[str, object]).decode


class UnreadableRecord(ValueError):
    """The bytes are not a record; the text says why."""


def decode_parameters(raw: msgspec.Raw | None) -> Mapping[str, object]:
    """Parse them; where there are none they are empty. Raises UnreadableRecord, and what is :data:`UNREADABLE`."""
    if raw is None:
        return {}
    parameters = _decode_object(raw)
    check_depth(raw, parameters)
    return parameters


def check_depth(raw: msgspec.Raw, parameters: object) -> None:
    """Raise UnreadableRecord for what is nested deeper than :data:`DEEPEST`."""
    text = bytes(raw)
    if text.count(b"{") + text.count(b"[") > DEEPEST and _is_deeper(parameters, DEEPEST):
        raise UnreadableRecord(f"its parameters are nested deeper than {DEEPEST} levels")


def _is_deeper(value: object, levels: int) -> bool:
    inner = [value]
    for _ in range(levels + 1):
        inner = [item for outer in inner for item in _items(outer)]
    return bool(inner)


def _items(value: object) -> Iterable[object]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()
