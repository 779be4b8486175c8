"""What every workload gets, whatever its template says."""

from __future__ import annotations

from typing import Any

from adapters.executors.accounts import Account
from adapters.executors.kubernetes.config import KubernetesConfig
from adapters.executors.kubernetes.kinds import Kind
from adapters.executors.kubernetes.kinds.base import Document
from adapters.executors.kubernetes.names import annotations_of, labels_of, workload_name
from domain.execution import WorkOrder


def complete(
    kind: Kind, document: Document, order: WorkOrder, account: Account, namespace: str, config: KubernetesConfig
) -> None:
    """Set the name and what marks the work as ours, and fill in what keeps it harmless, in place.

    Pods get the rights of the task's user unless the template chooses others: one that forgets to would run as root.
    """
    metadata = _mapping(document, "metadata")
    metadata.pop("generateName", None)
    metadata |= {"name": workload_name(order), "namespace": namespace}
    _mark(metadata, order)
    kind.bound(document, config.limits.run_s, config.keep_s)
    for template in kind.pod_templates(document):
        _mark(_mapping(template, "metadata"), order)
        spec = template["spec"]
        spec.setdefault("automountServiceAccountToken", False)
        context = _mapping(spec, "securityContext")
        if "runAsUser" not in context:
            context |= {"runAsUser": account.uid, "runAsGroup": account.gid, "runAsNonRoot": True}
            context.setdefault("supplementalGroups", list(account.groups))


def _mark(metadata: dict[str, Any], order: WorkOrder) -> None:
    _mapping(metadata, "labels").update(labels_of(order))
    _mapping(metadata, "annotations").update(annotations_of(order))


def _mapping(holder: dict[str, Any], name: str) -> dict[str, Any]:
    """Return a mapping within another, made where there is none."""
    if not isinstance(holder.get(name), dict):
        holder[name] = {}
    found: dict[str, Any] = holder[name]
    return found
