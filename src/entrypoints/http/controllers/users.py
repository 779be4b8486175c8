"""Operators look at users."""

from __future__ import annotations

from typing import Annotated, Any

from dishka import FromDishka
from litestar import Controller, Request, get
from litestar.params import QueryParameter

from application.users import TellUsers, UserOrder, UserRow
from entrypoints.http.choices import choice
from entrypoints.http.controllers.paging import PageLimit, check_query
from entrypoints.http.inject import inject
from entrypoints.http.patience import Patience
from entrypoints.http.responses import OPERATOR_ERRORS, UNAVAILABLE, errors
from entrypoints.http.schemas.admin import BlockView
from entrypoints.http.schemas.tally import UsersView, UserView

Sort = Annotated[
    str,
    QueryParameter(
        name="sort",
        description="Who comes first: who has most `tasks`, or for whom most was moved within a `day` or `week`.",
        schema_extra={"enum": [*UserOrder]},
    ),
]


class UsersController(Controller):
    """Who has how much at work and waiting, for whom data was moved, and who is blocked."""

    @get(
        "/users",
        operation_id="listUsers",
        summary="List users",
        response_description="The users.",
        responses=errors(OPERATOR_ERRORS, {400: "A parameter is not accepted.", 503: UNAVAILABLE}),
    )
    @inject
    async def list_users(
        self,
        request: Request[Any, Any, Any],
        tell: FromDishka[TellUsers],
        patience: FromDishka[Patience],
        sort: Sort = UserOrder.TASKS,
        limit: PageLimit = 100,
    ) -> UsersView:
        """List users who have live tasks, for whom most was moved within a week, or who are blocked."""
        check_query(request, "sort", "limit")
        order = choice(UserOrder, "sort", sort)
        seen = await patience.bounded(lambda: tell(order))
        users = [_user(row) for row in seen.rows[:limit]]
        return UsersView(users, seen.is_cut or len(seen.rows) > limit, seen.day_since, seen.week_since)


def _user(row: UserRow) -> UserView:
    block = None if row.block is None else BlockView(row.block.reason, row.block.until)
    return UserView(row.user_id, row.running, row.high, row.low, row.moved.day, row.moved.week, block)
