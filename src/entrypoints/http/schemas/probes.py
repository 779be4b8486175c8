"""What the service tells of itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Literal

from msgspec import Struct

from entrypoints.http.schemas.fields import described


class Alive(Struct, frozen=True):
    """The process lives."""

    status: Literal["ok"] = "ok"


class Ready(Struct, frozen=True):
    """The service can do all of its work."""

    status: Literal["ready"]
    warnings: Annotated[Sequence[str], described("What makes it slower, though not wrong.")]


class Help(Struct, frozen=True):
    """Who answers here, and where to read more."""

    service: Annotated[str, described("The service's name.", "dms-scheduler")]
    version: str
    timezone: Annotated[str, described("The zone of all times that are written for people.", "Asia/Seoul")]
    log_format: Annotated[str, described("How a line of a task's log is built.")]
    links: Mapping[str, str]
