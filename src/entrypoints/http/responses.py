"""The errors of each route, for the API documentation."""

from __future__ import annotations

from collections.abc import Mapping

from litestar.openapi.datastructures import ResponseSpec

from entrypoints.http.schemas.errors import ErrorBody

MALFORMED = "The body is not a JSON object with these fields, or the task's id is not one."
UNAVAILABLE = "The store does not answer. Sending the same request again later (see Retry-After) is safe."

TOO_LARGE: Mapping[int, str] = {413: "The body is larger than 1 MiB."}
BODY_ERRORS: Mapping[int, str] = {
    400: MALFORMED,
    **TOO_LARGE,
    415: "The body is not declared as `Content-Type: application/json`.",
}
OPERATOR_ERRORS: Mapping[int, str] = {
    401: "The header `X-Operator-Token` is missing.",
    403: "The token is wrong.",
}

TASK_VIEW_ERRORS: Mapping[int, str] = {
    400: "This is not the form of a task's id.",
    404: "No such task is registered, or it was not submitted yet; `detail` says which.",
    503: UNAVAILABLE,
}


def errors(*groups: Mapping[int, str]) -> dict[int, ResponseSpec]:
    """Return the documentation of a route's errors; of two texts for one status the later one stands."""
    texts = {status: text for group in groups for status, text in group.items()}
    return {
        status: ResponseSpec(ErrorBody, description=texts[status], generate_examples=False) for status in sorted(texts)
    }
