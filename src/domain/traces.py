"""The caller's place in a distributed trace, as the header ``traceparent`` tells it (W3C Trace Context, level 2, §3.2).

.. code-block:: text

    00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01
    version   trace id                  parent id        flags
"""

from __future__ import annotations

import re

_FORM = re.compile(r"([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?", re.ASCII | re.DOTALL)

_INVALID_VERSION = "ff"
_KNOWN_FLAGS = 0b11
"""``sampled`` and ``random``. What the others mean is not defined, and whoever passes a context on leaves them out."""

_TRACE_ID = slice(3, 35)


def read_traceparent(given: str) -> str | None:
    """Return a caller's ``traceparent`` in the form of version 00, or None where it is not valid.

    Of a version that we do not know, the part that version 00 defines is taken, as the standard says.
    """
    parts = _FORM.fullmatch(given)
    if parts is None:
        return None
    version, trace_id, parent_id, flags, more = parts.groups()
    if version == _INVALID_VERSION or (version == "00" and more is not None):
        return None
    if not trace_id.strip("0") or not parent_id.strip("0"):
        return None
    return f"00-{trace_id}-{parent_id}-{int(flags, 16) & _KNOWN_FLAGS:02x}"


def trace_id_of(traceparent: str) -> str:
    """Return the trace's id, 32 hexadecimal digits, of what :func:`read_traceparent` returned."""
    return traceparent[_TRACE_ID]
