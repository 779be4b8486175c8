"""Bodies of the operators' calls on replicas and drains."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from msgspec import Meta, Struct

from entrypoints.http.schemas.admin import Reason
from entrypoints.http.schemas.fields import LONGEST_NAME, described


class DrainBody(Struct, frozen=True):
    """Which replicas are to claim nothing more, or to go on."""

    replica: Annotated[
        Annotated[str, Meta(min_length=1, max_length=LONGEST_NAME)] | None,
        described("The name of one replica, as `GET /admin/replicas` shows it; all replicas where it is left out."),
    ] = None
    reason: Reason = ""


class DrainsInForce(Struct, frozen=True):
    """What is drained now."""

    drained: Annotated[bool, described("Whether all replicas claim nothing.")]
    drained_replicas: Annotated[
        Sequence[str], described("Replicas that are drained by name, those that are not there now among them.")
    ]


class ReplicaPresent(Struct, frozen=True):
    """One process that is there. Several of them have one name where a machine runs several."""

    name: Annotated[str, described("What a drain names; the same after a restart.", "node-7")]
    owner: Annotated[str, described("Its name in leases; another one after each start.")]
    slots: Annotated[int, described("Tasks that it runs at once.")]
    at_work: Annotated[int, described("Tasks that it runs now.")]
    draining: Annotated[bool, described("Whether it has heard that it is to claim nothing.")]


class Replicas(DrainsInForce, frozen=True):
    """The processes that are there, and what is drained."""

    replicas: Sequence[ReplicaPresent]
