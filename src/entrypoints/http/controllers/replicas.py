"""Operators look at the replicas, and drain them."""

from __future__ import annotations

from typing import Any

from dishka import FromDishka
from litestar import Controller, Request, get, post
from litestar.params import JSONBody

from application.auditing import Audit, Subject
from application.drain import SetDrain
from application.ports import ReplicaBoard
from domain.audit import Action
from entrypoints.http.bodies import OptionalJsonRequest
from entrypoints.http.guard import decision_of
from entrypoints.http.inject import inject
from entrypoints.http.openapi import OptionalBody
from entrypoints.http.patience import Patience
from entrypoints.http.responses import BODY_ERRORS, OPERATOR_ERRORS, UNAVAILABLE, errors
from entrypoints.http.schemas.replicas import DrainBody, DrainsInForce, ReplicaPresent, Replicas

MALFORMED = "The body is not a JSON object with these fields."
ALL_REPLICAS = DrainBody()


class ReplicasController(Controller):
    """A drained replica claims nothing more. Its work goes on to its end, and submits are accepted."""

    request_class = OptionalJsonRequest

    @post(
        "/drain",
        status_code=200,
        operation_id="drain",
        operation_class=OptionalBody,
        response_description="What is drained now.",
        summary="Claim nothing more",
        responses=errors(
            BODY_ERRORS,
            OPERATOR_ERRORS,
            {
                400: MALFORMED,
                404: "No replica of this name is there; `detail` names those that are.",
                409: "Too many replicas are drained by name.",
                503: UNAVAILABLE,
            },
        ),
    )
    @inject
    async def drain(
        self,
        request: Request[Any, Any, Any],
        set_drain: FromDishka[SetDrain],
        patience: FromDishka[Patience],
        audit: FromDishka[Audit],
        data: JSONBody[DrainBody | None] = None,
    ) -> DrainsInForce:
        """Let all replicas, or one, claim nothing more: within two seconds, and also after a restart."""
        body = data or ALL_REPLICAS
        async with audit.of(Action.DRAIN, decision_of(request, body.reason), Subject(detail=body.replica or "")):
            drains = await patience.insist(lambda: set_drain(body.replica, True))
        return DrainsInForce(drains.everything, sorted(drains.replicas))

    @post(
        "/resume",
        status_code=200,
        operation_id="resume",
        operation_class=OptionalBody,
        response_description="What is drained still.",
        summary="Claim again",
        responses=errors(BODY_ERRORS, OPERATOR_ERRORS, {400: MALFORMED, 503: UNAVAILABLE}),
    )
    @inject
    async def resume(
        self,
        request: Request[Any, Any, Any],
        set_drain: FromDishka[SetDrain],
        patience: FromDishka[Patience],
        audit: FromDishka[Audit],
        data: JSONBody[DrainBody | None] = None,
    ) -> DrainsInForce:
        """Lift the drain of all replicas, which leaves those that are drained by name as they are, or that of one."""
        body = data or ALL_REPLICAS
        async with audit.of(Action.RESUME, decision_of(request, body.reason), Subject(detail=body.replica or "")):
            drains = await patience.insist(lambda: set_drain(body.replica, False))
        return DrainsInForce(drains.everything, sorted(drains.replicas))

    @get(
        "/replicas",
        operation_id="listReplicas",
        response_description="The replicas, and what is drained.",
        summary="Which replicas are there",
        responses=errors(OPERATOR_ERRORS, {503: UNAVAILABLE}),
    )
    @inject
    async def list_replicas(self, board: FromDishka[ReplicaBoard], patience: FromDishka[Patience]) -> Replicas:
        """Show the processes that are there, what each runs, and what is drained."""
        drains = await patience.bounded(board.drains)
        present = await patience.bounded(board.present)
        return Replicas(
            drained=drains.everything,
            drained_replicas=sorted(drains.replicas),
            replicas=[
                ReplicaPresent(each.replica, each.owner, each.slots, each.at_work, each.draining) for each in present
            ],
        )
