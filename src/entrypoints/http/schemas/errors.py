"""The one shape of all errors."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from msgspec import Struct

from entrypoints.http.schemas.fields import described


class ErrorBody(Struct, frozen=True, omit_defaults=True):
    """Why a request was not carried out, and what to do."""

    status_code: Annotated[int, described("The HTTP status again.", 404)]
    detail: Annotated[str, described("What was wrong and what to do, for people.", "task 10 is not registered")]
    extra: Annotated[Mapping[str, object] | None, described("More of it, for programs.")] = None
