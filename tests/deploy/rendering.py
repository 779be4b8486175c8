"""Rendering the ready-made templates as the Kubernetes executor does, by the rules that docs/kubernetes.md tells."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import Any, cast

import yaml
from jinja2 import FileSystemLoader, StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment

from tests.deploy.files import DEPLOY

TEMPLATES = DEPLOY / "templates"
ENGINES = ("job", "volcano", "mpi-operator")
SERVICES = ("sync", "cp", "rm", "chmod")

Manifest = dict[str, Any]

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def quoted(value: object) -> str:
    """A value as JSON in printable ASCII, which is flow YAML on one line too; what is undefined raises."""
    if isinstance(value, StrictUndefined):
        return str(value)
    # YAML reads `\\U`, but not JSON's pairs of surrogates.
    return re.sub("[^ -~]", lambda found: f"\\U{ord(found[0]):08x}", json.dumps(value, ensure_ascii=False))


def render(engine: str, service: str, values: dict[str, object]) -> Manifest:
    """Return what one template makes of values."""
    return render_from(TEMPLATES / engine, service, values)


def render_from(directory: Path, service: str, values: dict[str, object]) -> Manifest:
    """Return what a template of any directory makes of values."""
    text = environment(directory).get_template(f"{service}.yaml").render(values)
    return cast("Manifest", yaml.load(text, Loader=_LOADER))


@cache
def environment(directory: Path) -> ImmutableSandboxedEnvironment:
    """Return what renders the templates of a directory."""
    return ImmutableSandboxedEnvironment(loader=FileSystemLoader(directory), undefined=StrictUndefined, finalize=quoted)


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
