"""Texts and numbers as people see them. Names of files are chosen by users, and some are meant to deceive."""

from __future__ import annotations

import unicodedata
from datetime import datetime

from markupsafe import Markup, escape

_PICTURES = 0x2400
"""Where Unicode keeps a picture of each control character below the space."""

_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
"""Categories of characters that show nothing, or change how their neighbours are shown."""


def visible(value: object) -> object:
    """Return a text with a visible stand-in for every character that has no face of its own.

    Escape sequences of terminals, and marks that turn the direction of what follows, are thus seen and do nothing.
    Markup of our own, and what is no text, is returned as it is. HTML is escaped by the templates' engine.
    """
    if not isinstance(value, str) or isinstance(value, Markup) or value.isprintable():
        return value
    return "".join(map(_visible, value))


def exactly(value: str) -> Markup:
    """Return a text for a field that is sent back: escaped, and with nothing standing for anything else."""
    return escape(value)


def _visible(character: str) -> str:
    if unicodedata.category(character) not in _INVISIBLE:
        return character
    code = ord(character)
    return chr(_PICTURES + code) if code < 0x20 else f"⟨U+{code:04X}⟩"


def size(count: float) -> str:
    """Return a number of bytes, such as ``1.5 GiB``."""
    for unit in ("B", "KiB", "MiB", "GiB", "TiB"):
        if count < 1024:
            return f"{count:.0f} {unit}" if unit == "B" else f"{count:.1f} {unit}"
        count /= 1024
    return f"{count:.1f} PiB"


def span(seconds: float) -> str:
    """Return a span of time, such as ``1 h 20 min``."""
    whole = max(0, round(seconds))
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    if whole < 86400:
        return f"{whole // 3600} h {whole % 3600 // 60} min"
    return f"{whole // 86400} d {whole % 86400 // 3600} h"


def moment(at: datetime | None) -> str:
    """Return a moment to the second, as log lines have it."""
    return "" if at is None else at.strftime("%Y-%m-%d %H:%M:%S")
