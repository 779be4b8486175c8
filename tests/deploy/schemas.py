"""Holding manifests to the schemas of Kubernetes, which the package kubernetes-validate brings."""

from __future__ import annotations

import kubernetes_validate

from tests.deploy.rendering import Manifest, pod_templates

OLDEST, NEWEST = "1.30", "1.37"
"""The versions of Kubernetes that docs/kubernetes.md names."""


def check(manifest: Manifest) -> None:
    """Raise where the manifest is not one of Kubernetes' own, or has a field that its kind does not know."""
    for version in (OLDEST, NEWEST):
        kubernetes_validate.validate(manifest, version, strict=True)


def check_pods(manifest: Manifest) -> None:
    """Raise where a workload's pod templates are not, whatever kind the workload is of."""
    for role, template in pod_templates(manifest).items():
        check({"apiVersion": "v1", "kind": "PodTemplate", "metadata": {"name": role}, "template": template})
