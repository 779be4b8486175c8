"""Operators keep everybody or one user from submitting."""

from __future__ import annotations

from typing import Annotated, Any

from dishka import FromDishka
from litestar import Controller, Request, post
from litestar.params import JSONBody, PathParameter
from structlog.contextvars import bind_contextvars

from application.blocks import LONGEST_USER_ID
from domain.blocks import Block, block_for
from domain.operators import Decision
from entrypoints.http.blocking import BlockByOperator
from entrypoints.http.bodies import OptionalJsonRequest
from entrypoints.http.guard import decision_of
from entrypoints.http.inject import inject
from entrypoints.http.openapi import OptionalBody
from entrypoints.http.paths import decoded
from entrypoints.http.responses import BODY_ERRORS, OPERATOR_ERRORS, UNAVAILABLE, errors
from entrypoints.http.schemas.admin import (
    NO_REASON,
    BlockBody,
    EverybodyBlocked,
    ReasonBody,
    UserBlocked,
)

AnyRequest = Request[Any, Any, Any]

_EVERYBODY_ERRORS = errors(BODY_ERRORS, OPERATOR_ERRORS, {503: UNAVAILABLE})
_USER_ERRORS = errors(
    BODY_ERRORS, OPERATOR_ERRORS, {400: "Not a valid body, or no account can have such a name.", 503: UNAVAILABLE}
)

UserInPath = Annotated[
    str,
    PathParameter(
        description="The user, percent-encoded UTF-8: a `/` in it is `%2F`. All of it must be printable.",
        schema_extra={"min_length": 1, "max_length": LONGEST_USER_ID},
    ),
]


class BlocksController(Controller):
    """A block refuses new submits on every replica at once. Cancels pass, and accepted tasks go on."""

    request_class = OptionalJsonRequest

    @post(
        "/block",
        status_code=200,
        operation_id="blockEverybody",
        operation_class=OptionalBody,
        response_description="Submits are refused.",
        summary="Block everybody",
        responses=_EVERYBODY_ERRORS,
    )
    @inject
    async def block_everybody(
        self, request: AnyRequest, blocking: FromDishka[BlockByOperator], data: JSONBody[BlockBody | None] = None
    ) -> EverybodyBlocked:
        """Refuse all new submits, until an operator enables them or the block ends by itself."""
        by, block = _wanted(request, data)
        await blocking.everybody(block, by)
        return EverybodyBlocked(True)

    @post(
        "/enable",
        status_code=200,
        operation_id="enableEverybody",
        operation_class=OptionalBody,
        response_description="Submits are taken.",
        summary="Enable everybody",
        responses=_EVERYBODY_ERRORS,
    )
    @inject
    async def enable_everybody(
        self, request: AnyRequest, blocking: FromDishka[BlockByOperator], data: JSONBody[ReasonBody | None] = None
    ) -> EverybodyBlocked:
        """Take submits again, but for users who are blocked by name."""
        await blocking.everybody(None, decision_of(request, (data or NO_REASON).reason))
        return EverybodyBlocked(False)

    @post(
        "/users/{user_id:str}/block",
        status_code=200,
        operation_id="blockUser",
        operation_class=OptionalBody,
        response_description="This user's submits are refused.",
        summary="Block one user",
        responses=_USER_ERRORS,
    )
    @inject
    async def block_user(
        self,
        request: AnyRequest,
        user_id: UserInPath,
        blocking: FromDishka[BlockByOperator],
        data: JSONBody[BlockBody | None] = None,
    ) -> UserBlocked:
        """Refuse new submits of one user, until an operator enables them or the block ends by itself."""
        by, block = _wanted(request, data)
        return await _set_user(user_id, block, by, blocking)

    @post(
        "/users/{user_id:str}/enable",
        status_code=200,
        operation_id="enableUser",
        operation_class=OptionalBody,
        response_description="This user's submits are taken, unless everybody is blocked.",
        summary="Enable one user",
        responses=_USER_ERRORS,
    )
    @inject
    async def enable_user(
        self,
        request: AnyRequest,
        user_id: UserInPath,
        blocking: FromDishka[BlockByOperator],
        data: JSONBody[ReasonBody | None] = None,
    ) -> UserBlocked:
        """Take submits of one user again, unless everybody is blocked."""
        by = decision_of(request, (data or NO_REASON).reason)
        return await _set_user(user_id, None, by, blocking)


def _wanted(request: AnyRequest, data: BlockBody | None) -> tuple[Decision, Block]:
    by = decision_of(request, (data or NO_REASON).reason)
    return by, block_for(by.reason, data.until if data else None)


async def _set_user(segment: str, block: Block | None, by: Decision, blocking: BlockByOperator) -> UserBlocked:
    user_id = decoded("user_id", segment)
    bind_contextvars(user_id=user_id)
    await blocking.user(user_id, block, by)
    return UserBlocked(user_id, block is not None)
