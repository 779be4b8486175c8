"""What the tests of the deployment share."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.deploy.files import DEPLOY
from tests.deploy.kustomizing import kustomize, of_kind
from tests.deploy.place import Place
from tests.deploy.rendering import Manifest


@pytest.fixture(scope="session")
def objects() -> list[Manifest]:
    """What the example makes."""
    return kustomize(DEPLOY / "kustomize" / "example")


@pytest.fixture(scope="session")
def deployment(objects: list[Manifest]) -> Manifest:
    """The scheduler's own Deployment."""
    (found,) = of_kind(objects, "Deployment")
    return found


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """A root that holds a tree `src`, with names and things of every kind in it."""
    source = tmp_path / "src"
    (source / "deep" / "empty").mkdir(parents=True)
    (source / "a ' \n # file").write_text("contents")
    (source / "link").symlink_to("nowhere")
    return Place(tmp_path)
