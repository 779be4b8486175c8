"""Fields that several bodies share, with what the API documentation says of them."""

from __future__ import annotations

from typing import Annotated, Any

from msgspec import Meta

LONGEST_NAME = 1024
"""Characters of a service or user. The record decides whether a name is right; this only bounds what we look at."""


def described(description: str, *examples: object, **schema: Any) -> Meta:
    """Return what the documentation says of a field. ``schema`` adds JSON Schema keywords that it only documents."""
    return Meta(extra_json_schema={"description": description, "examples": list(examples), "extra": schema})


ID_PATTERN = "^(0|[1-9][0-9]{0,19})$"
"""The form of an id, for the documentation; :func:`domain.values.valid_task_id` decides."""

TaskId = Annotated[
    str,
    described(
        "The id that the frontend gave the task: a decimal number without leading zeros.",
        "10",
        pattern=ID_PATTERN,
    ),
]
Service = Annotated[
    str,
    Meta(max_length=LONGEST_NAME),
    described("The service that the task belongs to, as registered.", "sync"),
]
UserId = Annotated[
    str,
    Meta(max_length=LONGEST_NAME),
    described("The user on whose behalf the work is done, as registered.", "alice"),
]
Cursor = Annotated[
    str | None,
    described("Pass it as `cursor` to get the next page; `null` on the last one."),
]
