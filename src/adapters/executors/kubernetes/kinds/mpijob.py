"""``kubeflow.org/v2beta1`` MPIJob: a launcher and workers, by the Kubeflow MPI operator."""

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
from adapters.executors.kubernetes.problems import UnfitValue

ROLE = "training.kubeflow.org/job-role"
"""Label of a pod: ``launcher`` or ``worker``."""


class MpiJob:
    """Implements :class:`.base.Kind`."""

    api_version = "kubeflow.org/v2beta1"
    kind = "MPIJob"
    plural = "mpijobs"

    def check(self, document: Mapping[str, Any]) -> None:
        replicas = within(document, "spec", "mpiReplicaSpecs")
        if not isinstance(replicas, Mapping) or "Launcher" not in replicas:
            raise UnfitValue("spec.mpiReplicaSpecs must have a Launcher")
        for name, replica in replicas.items():
            check_template(f"spec.mpiReplicaSpecs.{name}.template", within(replica, "template"))

    def pod_templates(self, document: Document) -> Iterator[Document]:
        for replica in document["spec"]["mpiReplicaSpecs"].values():
            yield replica["template"]

    def bound(self, document: Document, run_limit_s: int, keep_s: int) -> None:
        policy = document["spec"].setdefault("runPolicy", {})
        policy.setdefault("ttlSecondsAfterFinished", keep_s)
        policy.setdefault("cleanPodPolicy", "Running")
        if run_limit_s:
            policy.setdefault("activeDeadlineSeconds", run_limit_s)

    def launcher(self, document: Mapping[str, Any]) -> str:
        return "launcher"

    def role(self, labels: Mapping[str, str], annotations: Mapping[str, str]) -> str:
        return labels.get(ROLE, "")

    def read(self, document: Mapping[str, Any]) -> Condition:
        holds = true_conditions(document)
        for named, phase in (
            ("Succeeded", Phase.SUCCEEDED),
            ("Failed", Phase.FAILED),
            ("Suspended", Phase.WAITING),
            ("Running", Phase.RUNNING),
        ):
            if named in holds:
                return condition(phase, holds[named])
        return Condition(Phase.WAITING)

    def reprioritise(self, document: Mapping[str, Any], queue: str, priority_class: str) -> Document | None:
        """Patch the scheduling policy, from which the operator keeps the job's pod group, where there is one."""
        policy = within(document, "spec", "runPolicy", "schedulingPolicy")
        if not isinstance(policy, Mapping):
            return None
        wanted = {"queue": queue, "priorityClass": priority_class}
        changes = {name: value for name, value in wanted.items() if value and policy.get(name) != value}
        return {"spec": {"runPolicy": {"schedulingPolicy": changes}}} if changes else None
