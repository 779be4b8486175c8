"""Every error of the API, in one JSON shape: ``{"status_code", "detail", "extra"?}``."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from litestar import Request, Response
from litestar.enums import MediaType
from litestar.exceptions import HTTPException, MethodNotAllowedException, NotFoundException, ValidationException
from litestar.exceptions.http_exceptions import RequestEntityTooLarge
from litestar.types import ExceptionHandlersMap

from application.blocks import InvalidUserId
from application.feed import InvalidPlace
from domain.blocks import InvalidEnd
from domain.drain import TooManyDrained, UnknownReplica
from domain.errors import (
    AlreadyEnded,
    Blocked,
    DomainError,
    IdentityMismatch,
    IllegalTransition,
    InvalidRequest,
    InvalidTaskId,
    MalformedRecord,
    NotRegistered,
    NotRetryable,
    NotSubmitted,
    Overloaded,
)
from domain.operators import InvalidReason
from domain.ports import ConcurrentChange, StoreUnavailable
from entrypoints.http.bodies import MAX_BODY_BYTES
from entrypoints.http.frontdesk import SubmitRefused
from entrypoints.http.schemas.errors import ErrorBody

log = logging.getLogger(__name__)

RETRY_AFTER_S = 5

_STATUS: Mapping[type[DomainError], int] = {
    InvalidTaskId: 400,
    InvalidUserId: 400,
    IdentityMismatch: 400,
    InvalidRequest: 400,
    MalformedRecord: 400,
    InvalidReason: 400,
    InvalidEnd: 400,
    InvalidPlace: 400,
    UnknownReplica: 404,
    NotRegistered: 404,
    NotSubmitted: 404,
    TooManyDrained: 409,
    AlreadyEnded: 409,
    NotRetryable: 409,
    IllegalTransition: 409,
}

AnyRequest = Request[Any, Any, Any]
"""The handlers below look at no user, state or session."""


def answer(
    status: int, detail: str, extra: Mapping[str, object] | None = None, headers: Mapping[str, str] | None = None
) -> Response[ErrorBody]:
    """Return an error in the one shape."""
    body = ErrorBody(status, detail, extra)
    return Response(body, status_code=status, headers=dict(headers or {}), media_type=MediaType.JSON)


def _domain_error(_: AnyRequest, error: DomainError) -> Response[ErrorBody]:
    return answer(next(_STATUS[kind] for kind in type(error).__mro__ if kind in _STATUS), str(error))


def _blocked(_: AnyRequest, error: Blocked) -> Response[ErrorBody]:
    told = {"scope": error.scope, "reason": error.reason, "until": error.until}
    return answer(403, str(error), {name: value for name, value in told.items() if value})


def _store_unavailable(_: AnyRequest, error: StoreUnavailable | ConcurrentChange) -> Response[ErrorBody]:
    log.warning("refused, for the store is away", extra={"reason": str(error)})
    detail = f"the store does not answer; sending the same request again in {RETRY_AFTER_S} s is safe"
    return answer(503, detail, headers={"Retry-After": str(RETRY_AFTER_S)})


def _submit_refused(_: AnyRequest, error: SubmitRefused) -> Response[ErrorBody]:
    log.warning("submit refused, for the store is away", extra={"reason": str(error)})
    detail = (
        f"the store does not answer; sending the same request again in {RETRY_AFTER_S} s is safe. Unless it is "
        "accepted then, the task ends failed once the store is back"
    )
    return answer(503, detail, headers={"Retry-After": str(RETRY_AFTER_S)})


def _overloaded(_: AnyRequest, error: Overloaded) -> Response[ErrorBody]:
    return answer(503, str(error), headers={"Retry-After": str(RETRY_AFTER_S)})


def _validation(_: AnyRequest, error: ValidationException) -> Response[ErrorBody]:
    complaints = error.extra if isinstance(error.extra, list) else []
    detail = "; ".join(_complaint(each) for each in complaints if isinstance(each, Mapping))
    return answer(400, detail or error.detail)


def _complaint(told: Mapping[str, object]) -> str:
    place = str(told.get("key", ""))
    message = str(told.get("message", "")).replace("`", "'")
    return message if place in ("", "data") else f"{place}: {message}"


def _not_found(request: AnyRequest, error: NotFoundException) -> Response[ErrorBody]:
    unrouted = "route_handler" not in request.scope
    return answer(404, "there is no such path; GET /docs lists all of them" if unrouted else error.detail)


def _method_not_allowed(request: AnyRequest, error: MethodNotAllowedException) -> Response[ErrorBody]:
    allowed = (error.headers or {}).get("allow", "")
    return answer(405, f"{request.method} is not possible here, only {allowed}", headers={"Allow": allowed})


def _too_large(_: AnyRequest, __: RequestEntityTooLarge) -> Response[ErrorBody]:
    return answer(413, f"the body is larger than {MAX_BODY_BYTES} bytes")


def _http_error(request: AnyRequest, error: HTTPException) -> Response[ErrorBody]:
    if error.status_code >= 500:
        return _bug(request, error)
    extra = error.extra if isinstance(error.extra, Mapping) else None
    return answer(error.status_code, error.detail, extra, error.headers)


def identity_forbidden(_: AnyRequest, error: IdentityMismatch) -> Response[ErrorBody]:
    """Answer a cancel of somebody else's task: 403, where other mismatches are 400 (issue: HTTP table)."""
    return answer(403, str(error), {"fields": list(error.fields)})


def _bug(_: AnyRequest, error: Exception) -> Response[ErrorBody]:
    log.error("a request broke", exc_info=error)
    return answer(500, "the scheduler made a mistake; its log tells more under this answer's X-Request-ID")


HANDLERS: ExceptionHandlersMap = {
    **dict.fromkeys(_STATUS, _domain_error),
    Blocked: _blocked,
    Overloaded: _overloaded,
    SubmitRefused: _submit_refused,
    StoreUnavailable: _store_unavailable,
    ConcurrentChange: _store_unavailable,
    ValidationException: _validation,
    NotFoundException: _not_found,
    MethodNotAllowedException: _method_not_allowed,
    RequestEntityTooLarge: _too_large,
    HTTPException: _http_error,
    Exception: _bug,
}
"""For the application; Litestar takes the entry of the nearest base class."""
