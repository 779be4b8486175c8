"""Records as today's frontend writes them, which nearly all are: parsed in one go, at a third of the cost.

Any other goes through :mod:`adapters.redis.record_codec` field by field, which may find that it is right all the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields

import msgspec

from adapters.redis.record_parameters import UNREADABLE, check_depth
from domain.record import Record
from domain.values import TaskResult

Fields = Mapping[str, msgspec.Raw]

READ = frozenset(field.name for field in fields(Record)) - {"extra", "result_extra"}
"""The fields of a record that we know."""

RESULT_READ = frozenset(field.name for field in fields(TaskResult))
"""Those of its result."""

decode_fields = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode
"""Split a JSON object into its fields."""

_decode_usual = msgspec.json.Decoder(Record).decode


def read_usual(raw: bytes, found: Fields) -> Record | None:
    """Return the record that these bytes hold, None for one that today's frontend would not write.

    It has all fields that we know, none that we don't, and none that is broken. ``found`` are the fields of the same
    bytes. Raises UnreadableRecord for parameters that are nested too deep.
    """
    if found.keys() != READ:
        return None
    try:
        record = _decode_usual(raw)
        if decode_fields(found["result"]).keys() != RESULT_READ:
            return None
    except UNREADABLE:
        return None
    check_depth(found["parameters"], record.parameters)
    return record
