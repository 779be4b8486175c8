"""What the executor must know of a kind of workload."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol

from adapters.executors.kubernetes.problems import UnfitValue

Document = dict[str, Any]
"""A manifest, or an object as the API server tells it."""

LAUNCHERS = frozenset({"launcher", "master", "mpimaster", "mpi-launcher"})
"""What people call the part of an MPI job that starts the others, and prints what there is to read."""


class Phase(StrEnum):
    """How far a workload is, in words that all kinds share."""

    WAITING = "waiting"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"

    @property
    def is_over(self) -> bool:
        """Whether the workload will not change any more."""
        return self in (Phase.SUCCEEDED, Phase.FAILED)


@dataclass(frozen=True, slots=True)
class Condition:
    """What the workload's controller says of it."""

    phase: Phase
    reason: str = ""
    message: str = ""


class Kind(Protocol):
    """One kind of workload: where its parts are, and how to read its status."""

    @property
    def api_version(self) -> str:
        """As in a manifest."""
        ...

    @property
    def kind(self) -> str:
        """As in a manifest."""
        ...

    @property
    def plural(self) -> str:
        """As in a URL."""
        ...

    def check(self, document: Mapping[str, Any]) -> None:
        """Raise :class:`~adapters.executors.kubernetes.problems.UnfitValue` where a part is missing."""
        ...

    def pod_templates(self, document: Document) -> Iterator[Document]:
        """Yield the templates of the pods, each with ``metadata`` and ``spec``."""
        ...

    def bound(self, document: Document, run_limit_s: int, keep_s: int) -> None:
        """Set, where the template has not, how long the work may run and how long it is kept after its end."""
        ...

    def launcher(self, document: Mapping[str, Any]) -> str:
        """Return the role of the pods whose log is for people; empty where all pods are alike."""
        ...

    def role(self, labels: Mapping[str, str], annotations: Mapping[str, str]) -> str:
        """Return the role of a pod of this kind."""
        ...

    def read(self, document: Mapping[str, Any]) -> Condition:
        """Read the status."""
        ...

    def reprioritise(self, document: Mapping[str, Any], queue: str, priority_class: str) -> Document | None:
        """Return a merge patch that moves waiting work; None where the engine takes no such change."""
        ...


def within(document: Mapping[str, Any], *path: str) -> Any:
    """Return what lies at a path of keys, None where nothing does."""
    found: Any = document
    for key in path:
        if not isinstance(found, Mapping):
            return None
        found = found.get(key)
    return found


def true_conditions(document: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """Return the conditions that hold, by their types."""
    given = within(document, "status", "conditions") or ()
    return {str(each.get("type")): each for each in given if each.get("status") == "True"}


def condition(phase: Phase, found: Mapping[str, Any]) -> Condition:
    """Return a phase with the reason and the message of one condition of the object's."""
    return Condition(phase, str(found.get("reason") or ""), str(found.get("message") or ""))


def check_template(where: str, template: object) -> None:
    """Raise :class:`UnfitValue` where something is no template of a pod."""
    if not isinstance(template, Mapping) or not isinstance(within(template, "spec", "containers"), list):
        raise UnfitValue(f"{where} must be a pod template with spec.containers")
    if not within(template, "spec", "containers"):
        raise UnfitValue(f"{where} has no container")
