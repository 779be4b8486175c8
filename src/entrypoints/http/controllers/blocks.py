"""Operators keep everybody or one user from submitting."""

from __future__ import annotations

from typing import Annotated, Any

from dishka import FromDishka
from litestar import Controller, Request, get, post
from litestar.exceptions import ClientException
from litestar.params import PathParameter
from structlog.contextvars import bind_contextvars

from application.blocks import LONGEST_USER_ID, SetBlock
from domain.ports import BlockStore
from entrypoints.http.controllers.paging import PageCursor, PageLimit, check_query
from entrypoints.http.inject import inject
from entrypoints.http.paths import decoded
from entrypoints.http.patience import Patience
from entrypoints.http.responses import OPERATOR_ERRORS, TOO_LARGE, UNAVAILABLE, errors
from entrypoints.http.schemas.admin import Blocks, EverybodyBlocked, UserBlocked

_EVERYBODY_ERRORS = errors(OPERATOR_ERRORS, TOO_LARGE, {503: UNAVAILABLE})
_USER_ERRORS = errors(OPERATOR_ERRORS, TOO_LARGE, {400: "No account can have such a name.", 503: UNAVAILABLE})

UserInPath = Annotated[
    str,
    PathParameter(
        description="The user, percent-encoded UTF-8: a `/` in it is `%2F`. All of it must be printable.",
        schema_extra={"min_length": 1, "max_length": LONGEST_USER_ID},
    ),
]


class BlocksController(Controller):
    """A block refuses new submits on every replica at once. Cancels pass, and accepted tasks go on."""

    @post(
        "/block",
        status_code=200,
        operation_id="blockEverybody",
        response_description="Submits are refused.",
        summary="Block everybody",
        responses=_EVERYBODY_ERRORS,
    )
    @inject
    async def block_everybody(
        self, set_block: FromDishka[SetBlock], patience: FromDishka[Patience]
    ) -> EverybodyBlocked:
        """Refuse all new submits."""
        await patience.insist(lambda: set_block.everybody(True))
        return EverybodyBlocked(True)

    @post(
        "/enable",
        status_code=200,
        operation_id="enableEverybody",
        response_description="Submits are taken.",
        summary="Enable everybody",
        responses=_EVERYBODY_ERRORS,
    )
    @inject
    async def enable_everybody(
        self, set_block: FromDishka[SetBlock], patience: FromDishka[Patience]
    ) -> EverybodyBlocked:
        """Take submits again, but for users who are blocked by name."""
        await patience.insist(lambda: set_block.everybody(False))
        return EverybodyBlocked(False)

    @post(
        "/users/{user_id:str}/block",
        status_code=200,
        operation_id="blockUser",
        response_description="This user's submits are refused.",
        summary="Block one user",
        responses=_USER_ERRORS,
    )
    @inject
    async def block_user(
        self, user_id: UserInPath, set_block: FromDishka[SetBlock], patience: FromDishka[Patience]
    ) -> UserBlocked:
        """Refuse new submits of one user."""
        return await _set_user(user_id, True, set_block, patience)

    @post(
        "/users/{user_id:str}/enable",
        status_code=200,
        operation_id="enableUser",
        response_description="This user's submits are taken, unless everybody is blocked.",
        summary="Enable one user",
        responses=_USER_ERRORS,
    )
    @inject
    async def enable_user(
        self, user_id: UserInPath, set_block: FromDishka[SetBlock], patience: FromDishka[Patience]
    ) -> UserBlocked:
        """Take submits of one user again, unless everybody is blocked."""
        return await _set_user(user_id, False, set_block, patience)

    @get(
        "/blocks",
        operation_id="listBlocks",
        response_description="The blocks in force.",
        summary="Who is blocked",
        responses=errors(OPERATOR_ERRORS, {400: "A parameter is not accepted.", 503: UNAVAILABLE}),
    )
    @inject
    async def list_blocks(
        self,
        request: Request[Any, Any, Any],
        blocks: FromDishka[BlockStore],
        patience: FromDishka[Patience],
        cursor: PageCursor = None,
        limit: PageLimit = 100,
    ) -> Blocks:
        """Show which blocks are in force, users in pages."""
        check_query(request, "cursor", "limit")
        try:
            page = await patience.bounded(lambda: blocks.page(cursor, limit))
        except ValueError as error:
            raise ClientException(str(error)) from None
        return Blocks(page.everybody, page.users, page.cursor)


async def _set_user(segment: str, blocked: bool, set_block: SetBlock, patience: Patience) -> UserBlocked:
    user_id = decoded("user_id", segment)
    bind_contextvars(user_id=user_id)
    await patience.insist(lambda: set_block.user(user_id, blocked))
    return UserBlocked(user_id, blocked)
