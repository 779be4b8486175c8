"""What the tests of the deployment share."""

from __future__ import annotations

import pytest

from tests.deploy.files import DEPLOY
from tests.deploy.kustomizing import kustomize, of_kind
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
