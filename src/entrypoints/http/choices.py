"""Reading one of a few words, with an error that names them all."""

from __future__ import annotations

from enum import StrEnum
from typing import TypeVar

from litestar.exceptions import ClientException

E = TypeVar("E", bound=StrEnum)

LONGEST_SHOWN = 50


def choice(kind: type[E], name: str, given: str) -> E:
    """Return the member that ``given`` names; 400 where it names none."""
    try:
        return kind(given)
    except ValueError:
        shown = ascii(given[:LONGEST_SHOWN])
        raise ClientException(f"{name}: {shown} is not accepted; use {' or '.join(kind)}") from None
