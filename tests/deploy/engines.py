"""What the engines' own kinds must be like: the fields that they know, and what their admission refuses otherwise.

From the types and the validation of Volcano (`batch.volcano.sh/v1alpha1`) and of the Kubeflow MPI operator
(`kubeflow.org/v2beta1`). A field that they do not know is dropped, or refused where the client asks for strict
validation.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from tests.deploy.rendering import Manifest

DNS_LABEL = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")

VOLCANO_JOB = {
    *("schedulerName", "minAvailable", "volumes", "tasks", "policies", "plugins", "runningEstimate", "queue"),
    *("maxRetry", "ttlSecondsAfterFinished", "priorityClassName", "minSuccess", "networkTopology"),
}
VOLCANO_TASK = {
    *("name", "replicas", "minAvailable", "template", "policies", "topologyPolicy", "maxRetry", "dependsOn"),
}
VOLCANO_POLICY = {"action", "event", "events", "exitCode", "timeout"}
VOLCANO_EVENTS = {"*", "PodFailed", "PodEvicted", "Unknown", "TaskCompleted", "TaskFailed", "OutOfSync"}
VOLCANO_ACTIONS = {"AbortJob", "RestartJob", "RestartTask", "TerminateJob", "CompleteJob", "ResumeJob"}
VOLCANO_PLUGINS = {"ssh", "env", "svc", "mpi", "pytorch", "tensorflow", "ray"}

MPI_JOB = {
    *("slotsPerWorker", "runLauncherAsWorker", "runPolicy", "mpiReplicaSpecs", "sshAuthMountPath"),
    *("launcherCreationPolicy", "mpiImplementation"),
}
MPI_RUN_POLICY = {
    *("cleanPodPolicy", "ttlSecondsAfterFinished", "activeDeadlineSeconds", "backoffLimit", "schedulingPolicy"),
    *("suspend", "managedBy"),
}
MPI_SCHEDULING = {"minAvailable", "queue", "minResources", "priorityClass", "scheduleTimeoutSeconds"}


def check_volcano_job(manifest: Manifest) -> None:
    """Hold a job to what Volcano takes."""
    spec = manifest["spec"]
    assert spec.keys() <= VOLCANO_JOB
    assert 0 < spec["minAvailable"] <= sum(task["replicas"] for task in spec["tasks"])
    names = [task["name"] for task in spec["tasks"]]
    assert len(set(names)) == len(names)
    for task in spec["tasks"]:
        assert task.keys() <= VOLCANO_TASK
        assert DNS_LABEL.fullmatch(f"{manifest['metadata']['name']}-{task['name']}-{task['replicas'] - 1}")
        check_policies(task.get("policies", []))
    check_policies(spec["policies"])
    assert spec["plugins"].keys() <= VOLCANO_PLUGINS
    assert {"ssh", "svc", "mpi"} <= spec["plugins"].keys()  # the last one needs the others
    given = dict(argument.removeprefix("--").split("=") for argument in spec["plugins"]["mpi"])
    assert {given["master"], given["worker"]} <= set(names)


def check_policies(policies: list[dict[str, str]]) -> None:
    """Hold lifecycle policies to what Volcano takes: each event once, known, and with a known action."""
    events = [policy["event"] for policy in policies]
    assert len(set(events)) == len(events)
    for policy in policies:
        assert policy.keys() <= VOLCANO_POLICY
        assert policy["event"] in VOLCANO_EVENTS
        assert policy["action"] in VOLCANO_ACTIONS


def check_mpi_job(manifest: Manifest) -> None:
    """Hold a job to what the MPI operator takes."""
    spec = manifest["spec"]
    assert spec.keys() <= MPI_JOB
    assert spec["launcherCreationPolicy"] in ("AtStartup", "WaitForWorkersReady")
    assert spec["mpiImplementation"] in ("OpenMPI", "Intel", "MPICH")
    policy = spec["runPolicy"]
    assert policy.keys() <= MPI_RUN_POLICY
    assert policy["cleanPodPolicy"] in ("None", "Running", "All")
    assert policy.get("schedulingPolicy", {}).keys() <= MPI_SCHEDULING
    replicas: Mapping[str, Any] = spec["mpiReplicaSpecs"]
    assert replicas.keys() <= {"Launcher", "Worker"}
    assert replicas["Launcher"]["replicas"] == 1
    workers = replicas["Worker"]["replicas"]
    assert workers >= 1
    assert DNS_LABEL.fullmatch(f"{manifest['metadata']['name']}-worker-{workers - 1}")
    for replica in replicas.values():
        assert replica.keys() == {"replicas", "restartPolicy", "template"}
        assert replica["restartPolicy"] in ("Never", "OnFailure")
