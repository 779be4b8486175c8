"""A cluster for the suite that all executors pass: it does quick work at once, and endless work never."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import kmock

from adapters.executors.kubernetes.executor import KubernetesExecutor
from tests.kubernetes.fake import Engine, FakeCluster
from tests.kubernetes.making import config_for, executor_for

PROGRESS = json.dumps({"level": "info", "msg": "progress", "stats": {"bytes": 17, "totalBytes": 17}})


@asynccontextmanager
async def on_a_cluster(root: Path, *, endless: bool) -> AsyncIterator[KubernetesExecutor]:
    """An executor with a cluster of its own, which keeps its files below ``root``."""
    root.mkdir()
    async with FakeCluster() as cluster, kmock.Server(cluster):
        engine = Engine(cluster)
        engine.auto = (lambda name: _begin(engine, name)) if endless else (lambda name: _do(engine, name))
        executor = executor_for(config_for(cluster, root))
        yield executor
        await executor.close()
        cluster.logs.break_connections()


def _begin(engine: Engine, workload: str) -> str:
    """Start all pods, and return the launcher's name."""
    pods = engine.make_pods(workload)
    for pod in pods:
        engine.start(pod)
    engine.begin(workload)
    return pods[0]


def _do(engine: Engine, workload: str) -> None:
    launcher = _begin(engine, workload)
    arguments = engine.pods_of(workload)[0]["spec"]["containers"][0]["args"]
    if any("missing" in argument for argument in arguments):
        engine.print(launcher, "ERROR: /pvs/missing: No such file or directory")
        engine.end(launcher, 1)
        engine.fail(workload)
        return
    engine.print(launcher, f"{PROGRESS}\ndone")
    for pod in engine.pods_of(workload):
        engine.end(pod["metadata"]["name"])
    engine.succeed(workload)
