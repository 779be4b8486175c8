"""``batch/v1`` Job: what every cluster has."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from adapters.executors.kubernetes.kinds.base import (
    Condition,
    Document,
    Phase,
    check_template,
    condition,
    true_conditions,
    within,
)


class PlainJob:
    """Implements :class:`.base.Kind`."""

    api_version = "batch/v1"
    kind = "Job"
    plural = "jobs"

    def check(self, document: Mapping[str, Any]) -> None:
        check_template("spec.template", within(document, "spec", "template"))

    def pod_templates(self, document: Document) -> Iterator[Document]:
        yield document["spec"]["template"]

    def bound(self, document: Document, run_limit_s: int, keep_s: int) -> None:
        """Limit the pod: the Job's own deadline would count from its creation, however long it waits for a node."""
        document["spec"].setdefault("ttlSecondsAfterFinished", keep_s)
        if run_limit_s:
            document["spec"]["template"]["spec"].setdefault("activeDeadlineSeconds", run_limit_s)

    def launcher(self, document: Mapping[str, Any]) -> str:
        return ""

    def role(self, labels: Mapping[str, str], annotations: Mapping[str, str]) -> str:
        return ""

    def read(self, document: Mapping[str, Any]) -> Condition:
        """Read the conditions. ``SuccessCriteriaMet`` and ``FailureTarget`` announce an end that has not come yet."""
        holds = true_conditions(document)
        if "Complete" in holds:
            return condition(Phase.SUCCEEDED, holds["Complete"])
        if "Failed" in holds:
            return condition(Phase.FAILED, holds["Failed"])
        if "Suspended" in holds:
            return condition(Phase.WAITING, holds["Suspended"])
        return Condition(Phase.RUNNING if within(document, "status", "active") else Phase.WAITING)

    def reprioritise(self, document: Mapping[str, Any], queue: str, priority_class: str) -> Document | None:
        """Nothing: the pod template of a Job cannot be changed any more."""
        return None
