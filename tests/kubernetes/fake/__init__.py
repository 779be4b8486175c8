"""A cluster in small for tests: kmock serves it over real HTTP, by the rules of the API that the executor relies on."""

from tests.kubernetes.fake.engine import Engine
from tests.kubernetes.fake.server import FakeCluster, Fault

__all__ = ["Engine", "FakeCluster", "Fault"]
