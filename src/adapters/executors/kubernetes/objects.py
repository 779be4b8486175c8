"""Objects of the cluster, reduced to what is needed of them: there may be thousands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from adapters.executors.kubernetes.kinds import KINDS, Condition, Kind
from adapters.executors.kubernetes.kinds.base import within
from adapters.executors.kubernetes.names import WorkKey, read_incarnation, read_key
from domain.instants import parse_instant
from domain.values import Incarnation


@dataclass(frozen=True, slots=True)
class Workload:
    """A Job, as last told."""

    kind: Kind
    name: str
    uid: str
    key: WorkKey
    incarnation: Incarnation
    condition: Condition
    launcher: str
    """The role of the pods whose log is for people; empty where all are alike."""
    created_at: datetime | None
    is_deleted: bool
    """Whether it is being deleted."""


@dataclass(frozen=True, slots=True)
class Container:
    """A container of a pod. ``state`` is ``waiting``, ``running``, ``terminated``, or empty while nothing is known."""

    name: str
    is_init: bool
    state: str = ""
    reason: str = ""
    message: str = ""
    exit_code: int = 0
    started_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Pod:
    """A pod, as last told."""

    name: str
    uid: str
    role: str
    phase: str
    reason: str
    message: str
    is_placed: bool
    placed_at: datetime | None
    """When it got its node."""
    unplaced_because: str
    """The scheduler's own words."""
    disrupted_because: str
    """Why the cluster itself ended it, where it did: an eviction, a drained node, a preemption."""
    created_at: datetime | None
    containers: tuple[Container, ...]

    @property
    def main(self) -> Container | None:
        """The container whose log is for people: the first one."""
        return next((each for each in self.containers if not each.is_init), None)

    @property
    def started_at(self) -> datetime | None:
        """When the mover began, as far as is known."""
        return self.main.started_at if self.main is not None else None

    @property
    def has_ended(self) -> bool:
        """Whether none of its containers runs any more, or will."""
        return self.phase in ("Succeeded", "Failed")

    @property
    def has_log(self) -> bool:
        """Whether the mover has run or is running."""
        return self.main is not None and self.main.state in ("running", "terminated")


def read_workload(kind: Kind, document: Mapping[str, Any]) -> Workload | None:
    """Return a workload; None for one that is not marked as ours."""
    metadata = document.get("metadata") or {}
    key = read_key(metadata)
    if key is None:
        return None
    return Workload(
        kind=kind,
        name=str(metadata.get("name")),
        uid=str(metadata.get("uid")),
        key=key,
        incarnation=read_incarnation(metadata),
        condition=kind.read(document),
        launcher=kind.launcher(document),
        created_at=_time(metadata.get("creationTimestamp")),
        is_deleted=bool(metadata.get("deletionTimestamp")),
    )


def read_pod(document: Mapping[str, Any]) -> tuple[WorkKey, Pod] | None:
    """Return a pod and whose it is; None for one that is not marked as ours."""
    metadata, status = document.get("metadata") or {}, document.get("status") or {}
    key = read_key(metadata)
    if key is None:
        return None
    conditions = {str(each.get("type")): each for each in status.get("conditions") or ()}
    placed, disrupted = conditions.get("PodScheduled", {}), conditions.get("DisruptionTarget", {})
    pod = Pod(
        name=str(metadata.get("name")),
        uid=str(metadata.get("uid")),
        role=_role(metadata),
        phase=str(status.get("phase") or "Pending"),
        reason=str(status.get("reason") or ""),
        message=str(status.get("message") or ""),
        is_placed=placed.get("status") == "True" or bool(within(document, "spec", "nodeName")),
        placed_at=_time(placed.get("lastTransitionTime")) if placed.get("status") == "True" else None,
        unplaced_because=_because(placed) if placed.get("status") == "False" else "",
        disrupted_because=_because(disrupted) if disrupted.get("status") == "True" else "",
        created_at=_time(metadata.get("creationTimestamp")),
        containers=_containers(document),
    )
    return key, pod


def _role(metadata: Mapping[str, Any]) -> str:
    labels, annotations = metadata.get("labels") or {}, metadata.get("annotations") or {}
    return next((role for kind in KINDS if (role := kind.role(labels, annotations))), "")


def _because(condition: Mapping[str, Any]) -> str:
    return ": ".join(filter(None, (str(condition.get("reason") or ""), str(condition.get("message") or ""))))


def _containers(document: Mapping[str, Any]) -> tuple[Container, ...]:
    status = document.get("status") or {}
    told = {
        (each.get("name"), is_init): each
        for field, is_init in (("initContainerStatuses", True), ("containerStatuses", False))
        for each in status.get(field) or ()
    }
    return tuple(
        _container(str(each.get("name")), is_init, told.get((each.get("name"), is_init), {}))
        for field, is_init in (("initContainers", True), ("containers", False))
        for each in within(document, "spec", field) or ()
    )


def _container(name: str, is_init: bool, status: Mapping[str, Any]) -> Container:
    states = status.get("state") or {}
    state = next((each for each in ("terminated", "running", "waiting") if each in states), "")
    found = states.get(state) or {}
    return Container(
        name=name,
        is_init=is_init,
        state=state,
        reason=str(found.get("reason") or ""),
        message=str(found.get("message") or ""),
        exit_code=int(found.get("exitCode") or 0),
        started_at=_time(found.get("startedAt") or within(status, "lastState", "terminated", "startedAt")),
    )


def _time(text: object) -> datetime | None:
    return parse_instant(text) if isinstance(text, str) else None
