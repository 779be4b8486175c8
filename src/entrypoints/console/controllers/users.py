"""Users: who has how much at work and waiting, and who may submit."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any

from dishka import FromDishka
from litestar import Controller, Request, Response, get, post
from litestar.exceptions import ClientException
from litestar.params import QueryParameter

from application.blocks import LONGEST_USER_ID
from application.users import TellUsers, UserOrder
from domain.blocks import Block, block_for
from domain.operators import Decision
from domain.ports import Clock
from entrypoints.console.forms import decision, field
from entrypoints.console.pages import go_to, page
from entrypoints.http.blocking import BlockByOperator
from entrypoints.http.choices import choice
from entrypoints.http.inject import inject
from entrypoints.http.patience import Patience

MOST_HOURS = 9999
"""A bit more than a year."""

_USERS = "/console/users"


class UsersController(Controller):
    """Blocks refuse new submits; they touch nothing that was accepted."""

    path = "/users"

    @get("/")
    @inject
    async def show(
        self,
        request: Request[Any, Any, Any],
        tell: FromDishka[TellUsers],
        patience: FromDishka[Patience],
        name: Annotated[str, QueryParameter(max_length=LONGEST_USER_ID, description="Whom to block next.")] = "",
        sort: Annotated[str, QueryParameter(description="Who comes first.")] = UserOrder.TASKS,
    ) -> Response[str]:
        """Show who has tasks here, for whom data was moved, and who is blocked."""
        order = choice(UserOrder, "sort", sort)
        seen = await patience.bounded(lambda: tell(order))
        return page(request, "users.html", seen=seen, users=seen.rows, blocks=seen.blocks, order=order, named=name)

    @post("/block", status_code=303)
    @inject
    async def block(
        self, request: Request[Any, Any, Any], blocking: FromDishka[BlockByOperator], clock: FromDishka[Clock]
    ) -> Response[str]:
        """Refuse new submits of one user."""
        by = await decision(request)
        await blocking.user(await field(request, "user"), await _block(request, by, clock), by)
        return go_to(_USERS)

    @post("/enable", status_code=303)
    @inject
    async def enable(self, request: Request[Any, Any, Any], blocking: FromDishka[BlockByOperator]) -> Response[str]:
        """Take submits of one user again."""
        await blocking.user(await field(request, "user"), None, await decision(request))
        return go_to(_USERS)

    @post("/block-everybody", status_code=303)
    @inject
    async def block_everybody(
        self, request: Request[Any, Any, Any], blocking: FromDishka[BlockByOperator], clock: FromDishka[Clock]
    ) -> Response[str]:
        """Refuse all new submits."""
        by = await decision(request)
        await blocking.everybody(await _block(request, by, clock), by)
        return go_to(_USERS)

    @post("/enable-everybody", status_code=303)
    @inject
    async def enable_everybody(
        self, request: Request[Any, Any, Any], blocking: FromDishka[BlockByOperator]
    ) -> Response[str]:
        """Take submits again, but for users who are blocked by name."""
        await blocking.everybody(None, await decision(request))
        return go_to(_USERS)


async def _block(request: Request[Any, Any, Any], by: Decision, clock: Clock) -> Block:
    """Return the block of a form: for as many hours as it says, else until it is lifted."""
    hours = await field(request, "hours")
    if not hours:
        return block_for(by.reason)
    if not hours.isdecimal() or not 1 <= int(hours[:6]) <= MOST_HOURS:
        raise ClientException(f"a block lasts 1 to {MOST_HOURS} whole hours; leave them out for one without an end")
    return block_for(by.reason, clock.now() + timedelta(hours=int(hours)))
