"""Rendering the ready-made templates with the Kubernetes executor's own means."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any, cast

from adapters.executors.kubernetes.templates import Templates
from tests.deploy.files import DEPLOY

TEMPLATES = DEPLOY / "templates"
ENGINES = ("job", "volcano", "mpi-operator")
SERVICES = ("sync", "cp", "rm", "chmod")

Manifest = dict[str, Any]


def render(engine: str, service: str, values: dict[str, object]) -> Manifest:
    """Return what one template makes of values."""
    return render_from(TEMPLATES / engine, service, values)


def render_from(directory: Path, service: str, values: dict[str, object]) -> Manifest:
    """Return what a template of any directory makes of values."""
    return templates(directory).render(service, values)[1]


@cache
def templates(directory: Path) -> Templates:
    """Return the templates of a directory."""
    return Templates(str(directory))


def pod_templates(manifest: Manifest) -> dict[str, Manifest]:
    """Return the pod templates of a workload by the roles of their pods."""
    spec = manifest["spec"]
    if manifest["apiVersion"] == "batch/v1":
        return {"mover": spec["template"]}
    if manifest["kind"] == "MPIJob":
        return {role.lower(): replica["template"] for role, replica in spec["mpiReplicaSpecs"].items()}
    return {task["name"]: task["template"] for task in spec["tasks"]}


def mover_arguments(manifest: Manifest) -> list[str]:
    """Return the arguments of the container that does the work, or that starts those who do."""
    roles = pod_templates(manifest)
    role = next(role for role in ("mover", "master", "launcher") if role in roles)
    return cast("list[str]", roles[role]["spec"]["containers"][0]["args"])
