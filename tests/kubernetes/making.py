"""Templates, orders and executors for the tests in this folder."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Protocol

import yaml

from adapters.executors.kubernetes.backoff import Backoff
from adapters.executors.kubernetes.config import KubernetesConfig
from adapters.executors.kubernetes.executor import KubernetesExecutor, make_kubernetes_executor
from adapters.system import SystemClock
from domain.execution import WorkOrder
from domain.ports import Clock
from domain.values import Priority
from tests.executors.driving import CLOCK
from tests.kubernetes.fake import FakeCluster

CREATED_AT = "2026-03-12T10:00:00.123456+09:00"
HANGS_S = 20.0
"""No test here waits so long, unless what it waits for never comes."""

POD = """
spec:
  restartPolicy: Never
  containers:
    - name: mover
      image: mover:1
      command: [move]
      args: {{ options + [source.path, destination.path] }}
      env: [{name: WHO, value: {{ user }}}]
      volumeMounts:
{% for mount in mounts %}
        - {name: {{ mount.name }}, mountPath: {{ mount.root }}}
{% endfor %}
  volumes:
{% for mount in mounts %}
    - name: {{ mount.name }}
      persistentVolumeClaim: {claimName: {{ mount.volume }}}
{% endfor %}
"""


def _pod(indent: int) -> str:
    return "".join(f"{'' if line.startswith('{%') else ' ' * indent}{line}\n" for line in POD.strip().splitlines())


JOB = f"""
apiVersion: batch/v1
kind: Job
metadata:
  labels: {{{{ labels }}}}
spec:
  backoffLimit: 0
  template:
{_pod(4)}
"""

VOLCANO = f"""
apiVersion: batch.volcano.sh/v1alpha1
kind: Job
metadata: {{}}
spec:
  minAvailable: 3
  queue: {{{{ queue }}}}
  tasks:
    - name: worker
      replicas: 2
      template:
{_pod(8)}
    - name: master
      replicas: 1
      template:
{_pod(8)}
"""

MPI = f"""
apiVersion: kubeflow.org/v2beta1
kind: MPIJob
metadata: {{}}
spec:
  runPolicy:
    schedulingPolicy: {{queue: {{{{ queue }}}}}}
  mpiReplicaSpecs:
    Launcher:
      template:
{_pod(8)}
    Worker:
      replicas: 2
      template:
{_pod(8)}
"""

RM = """
apiVersion: batch/v1
kind: Job
metadata: {}
spec:
  template:
    spec:
      restartPolicy: Never
      containers: [{name: rm, image: mover:1, args: [{{ path.path }}]}]
"""

SERVICES = {"job": "cp", "volcano": "sync", "mpi": "mpisync"}
"""The service whose template has this kind."""


class MakeExecutor(Protocol):
    """Makes an executor; see the fixture `make_executor`."""

    def __call__(self, clock: Clock = CLOCK, **changes: Any) -> KubernetesExecutor:
        """``changes``: settings that differ."""
        ...


def write_templates(directory: Path) -> None:
    """Write a template of each kind."""
    directory.mkdir()
    for service, text in {"cp": JOB, "sync": VOLCANO, "mpisync": MPI, "rm": RM}.items():
        (directory / f"{service}.yaml").write_text(text)


def config_for(cluster: FakeCluster, root: Path) -> KubernetesConfig:
    """Write what an executor reads below ``root``, and return settings for that cluster."""
    write_templates(root / "templates")
    kubeconfig = root / "kubeconfig"
    kubeconfig.write_text(
        yaml.safe_dump(
            {
                "current-context": "fake",
                "clusters": [{"name": "fake", "cluster": {"server": str(cluster.servers[0].url)}}],
                "contexts": [{"name": "fake", "context": {"cluster": "fake", "user": "me", "namespace": "dms"}}],
                "users": [{"name": "me", "user": {"token": "secret"}}],
            }
        )
    )
    accounts = root / "accounts"
    accounts.write_text("alice:1000:1000:1000,2000\nbob:1001:1001\n")
    return KubernetesConfig(
        templates=str(root / "templates"),
        mounts={"/pvs": "pvs-claim", "/home/gpu1": "gpu1-home"},
        kubeconfig=str(kubeconfig),
        accounts=str(accounts),
    )


class Ahead(SystemClock):
    """A clock that a test may put forward, as if so much time had passed on the cluster."""

    ahead = timedelta()

    def now(self) -> datetime:
        return super().now() + self.ahead


def executor_for(config: KubernetesConfig, clock: Clock = CLOCK) -> KubernetesExecutor:
    """Return an executor that does not wait long for anything."""
    return make_kubernetes_executor(config, clock, report_every_s=0.01, backoff=lambda: Backoff(0.01, 0.05))


def order(
    service: str = "cp", *, task_id: str = "10", attempt: int = 1, created_at: str = CREATED_AT, **parameters: object
) -> WorkOrder:
    """A work order of alice's."""
    given = parameters or {"src": "/pvs/a", "dst": "/home/gpu1/b"}
    return WorkOrder(task_id, attempt, service, "alice", given, Priority.LOW, created_at)


async def go_on() -> None:
    """Let all go on that can do so without hearing anything new."""
    for _ in range(100):
        await asyncio.sleep(0)


async def eventually(holds: Callable[[], object]) -> None:
    """Wait until something holds that no event tells of."""
    async with asyncio.timeout(HANGS_S):
        while not holds():  # noqa: ASYNC110 (there is no event)
            await asyncio.sleep(0.005)
