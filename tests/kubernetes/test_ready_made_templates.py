"""The templates of `deploy/` do for the executor what its own rules ask of templates."""

from __future__ import annotations

from typing import Any

import pytest

from adapters.executors.kubernetes.executor import KubernetesExecutor
from domain.errors import InvalidRequest
from domain.execution import Succeeded
from tests.deploy.engines import check_mpi_job, check_volcano_job
from tests.deploy.rendering import ENGINES, SERVICES, TEMPLATES
from tests.deploy.schemas import check, check_pods
from tests.executors.driving import run
from tests.kubernetes.fake import Engine, FakeCluster
from tests.kubernetes.fake.engine import KINDS
from tests.kubernetes.making import MakeExecutor, order

CHECKS = {"job": check, "volcano": check_volcano_job, "mpi-operator": check_mpi_job}
PARAMETERS: dict[str, dict[str, Any]] = {
    "sync": {"src": "/pvs/a", "dst": "/home/gpu1/b"},
    "cp": {"src": "/pvs/a", "dst": "/home/gpu1/b"},
    "rm": {"path": "/pvs/a"},
    "chmod": {"path": "/pvs/a", "mode": "u+rwX"},
}


@pytest.fixture(params=ENGINES)
def directory(request: pytest.FixtureRequest) -> str:
    """The name of each directory in turn."""
    return str(request.param)


@pytest.fixture
def ready_made(make_executor: MakeExecutor, directory: str) -> KubernetesExecutor:
    """An executor that has started with a directory of ready-made templates."""
    return make_executor(templates=str(TEMPLATES / directory))


@pytest.mark.parametrize("service", SERVICES)
async def test_work_runs_to_its_end(
    ready_made: KubernetesExecutor, directory: str, engine: Engine, cluster: FakeCluster, service: str
) -> None:
    engine.auto = engine.run
    ended = await run(ready_made, order(service, **PARAMETERS[service]))
    assert isinstance(ended.outcome, Succeeded)
    (workload,) = (each for resource in KINDS for each in cluster.store.all(resource))
    sent = {name: workload[name] for name in ("apiVersion", "kind", "metadata", "spec")}
    check_pods(sent)
    CHECKS[directory](sent)


@pytest.mark.parametrize("service", SERVICES)
def test_an_option_that_is_not_in_the_table_is_refused_by_its_name(
    ready_made: KubernetesExecutor, service: str
) -> None:
    with pytest.raises(InvalidRequest, match=f"{service} does not take the option '--link-dest'"):
        ready_made.check(service, {**PARAMETERS[service], "options": "--link-dest"})


def test_a_missing_parameter_is_named(ready_made: KubernetesExecutor) -> None:
    with pytest.raises(InvalidRequest, match="chmod needs the parameter mode"):
        ready_made.check("chmod", {"path": "/pvs/a"})
