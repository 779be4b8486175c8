"""Operators look at who is blocked."""

from __future__ import annotations

from typing import Any

from dishka import FromDishka
from litestar import Controller, Request, get
from litestar.exceptions import ClientException

from domain.ports import BlockPage, BlockStore
from entrypoints.http.controllers.paging import PageCursor, PageLimit, check_query
from entrypoints.http.inject import inject
from entrypoints.http.patience import Patience
from entrypoints.http.responses import OPERATOR_ERRORS, UNAVAILABLE, errors
from entrypoints.http.schemas.admin import Blocks, BlockView


class BlockViewsController(Controller):
    """The blocks in force, with their reasons and ends."""

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
        return _view(page)


def _view(page: BlockPage) -> Blocks:
    details = {user_id: BlockView(block.reason, block.until) for user_id, block in page.users.items()}
    everybody = None if page.everybody is None else BlockView(page.everybody.reason, page.everybody.until)
    return Blocks(everybody is not None, list(details), page.cursor, everybody, details)
