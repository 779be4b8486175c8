"""What controllers and kubelets do: pods are made, run, print, end and go, and workloads say so."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from tests.kubernetes.fake.server import FakeCluster
from tests.kubernetes.fake.store import Object, now

KINDS = {"jobs.batch": "Job", "jobs.batch.volcano.sh": "Volcano", "mpijobs.kubeflow.org": "MPIJob"}
PODS = "pods."


class Engine:
    """Does at once what the test tells it; with ``auto`` it runs each new workload as that says."""

    def __init__(self, cluster: FakeCluster) -> None:
        self.cluster = cluster
        self.auto: Callable[[str], object] | None = None
        self.holds_pods = False
        """Whether pods that are deleted stay until the test lets them go."""
        self._resources: dict[str, str] = {}
        cluster.on_create = self._created
        cluster.on_delete = self._deleted

    # --- what the test tells -----------------------------------------------------------------------------------

    def make_pods(self, workload: str, *, placed: bool = False) -> list[str]:
        """Create the pods, Pending, and return their names, the launcher first."""
        status: Object = {"phase": "Pending"}
        if placed:
            _condition({"status": status}, "PodScheduled", "True")
        made = [self._add_pod(workload, status, *each) for each in self._pods_to_make(workload)]
        return sorted(made, key=lambda pod: "master" not in pod and "launcher" not in pod)

    def place(self, pod: str) -> None:
        """Give a pod a node."""
        self._pod(pod, lambda each: _condition(each, "PodScheduled", "True"))
        self.waiting(pod, "ContainerCreating")

    def unschedulable(self, pod: str, message: str) -> None:
        """Say that a pod finds no node."""
        self._pod(pod, lambda each: _condition(each, "PodScheduled", "False", "Unschedulable", message))

    def waiting(self, pod: str, reason: str, message: str = "") -> None:
        """A container waits."""
        self._container(pod, {"waiting": {"reason": reason, "message": message}})

    def start(self, pod: str) -> None:
        """The container runs."""
        self._pod(pod, lambda each: _condition(each, "PodScheduled", "True"))
        self._container(pod, {"running": {"startedAt": now()}}, phase="Running")

    def print(self, pod: str, text: str) -> None:
        """The container prints."""
        self.cluster.logs.of(pod).add(text)

    def end(self, pod: str, code: int = 0, reason: str = "") -> None:
        """The container ends."""
        self.cluster.logs.of(pod).end()
        state = {"exitCode": code, "reason": reason or ("Error" if code else "Completed"), "startedAt": now()}
        self._container(pod, {"terminated": state}, phase="Failed" if code else "Succeeded")

    def evict(self, pod: str, message: str) -> None:
        """The kubelet evicts a pod."""
        self.cluster.logs.of(pod).end()
        self.fail_pod(pod, "Evicted", message)

    def fail_pod(self, pod: str, reason: str, message: str) -> None:
        """The kubelet says why the pod as a whole has failed."""
        self._pod(pod, lambda each: each["status"].update(phase="Failed", reason=reason, message=message))

    def disrupt(self, pod: str, reason: str, message: str) -> None:
        """The cluster says that it ends a pod, and why."""
        self._pod(pod, lambda each: _condition(each, "DisruptionTarget", "True", reason, message))

    def begin(self, workload: str) -> None:
        """The controller says that pods are at work."""
        self._status(workload, {"Job": {"active": 1}, "Volcano": _state("Running"), "MPIJob": _holds("Running")})

    def succeed(self, workload: str) -> None:
        """The controller says that the work is done; a Job announces it first, as real ones do."""
        self._status(workload, {"Job": _holds("SuccessCriteriaMet"), "Volcano": _state("Completing"), "MPIJob": {}})
        self._status(
            workload, {"Job": _holds("Complete"), "Volcano": _state("Completed"), "MPIJob": _holds("Succeeded")}
        )

    def fail(self, workload: str, reason: str = "BackoffLimitExceeded", message: str = "has failed") -> None:
        """The controller says that the work has failed."""
        failed = _holds("Failed", reason, message)
        self._status(workload, {"Job": _holds("FailureTarget"), "Volcano": {}, "MPIJob": {}})
        self._status(workload, {"Job": failed, "Volcano": _state("Failed", reason, message), "MPIJob": failed})

    def run(self, workload: str, printed: str = "done") -> None:
        """Do all of it."""
        launcher, *others = self.make_pods(workload)
        for pod in (launcher, *others):
            self.place(pod)
            self.start(pod)
        self.begin(workload)
        self.print(launcher, printed)
        self.end(launcher)
        for pod in others:
            self.end(pod)
        self.succeed(workload)

    def warn(self, about: str, message: str) -> None:
        """Somebody reports an event."""
        key = ("events.", self.cluster.own_namespace, f"{about}.{len(self.cluster.store.all('events.'))}")
        about_it = {"involvedObject": {"name": about}, "type": "Warning", "message": message, "lastTimestamp": now()}
        self.cluster.store.add(key, about_it)

    def remove_pods(self, workload: str) -> None:
        """The kubelets have ended all pods that were deleted."""
        for pod in self.pods_of(workload):
            self.cluster.logs.of(pod["metadata"]["name"]).end()
            self.cluster.store.remove((PODS, self.cluster.own_namespace, pod["metadata"]["name"]))
        resource = self._resources[workload]
        found = self.cluster.store.get((resource, self.cluster.own_namespace, workload))
        if found is not None and "deletionTimestamp" in found["metadata"]:
            self.cluster.store.remove((resource, self.cluster.own_namespace, workload))

    def pods_of(self, workload: str) -> list[Object]:
        """Return the pods of a workload."""
        pods = self.cluster.store.all(PODS)
        return [each for each in pods if each["metadata"]["ownerReferences"][0]["name"] == workload]

    def workload(self, name: str) -> Object:
        """Return a workload."""
        found = self.cluster.store.get((self._resources[name], self.cluster.own_namespace, name))
        assert found is not None, f"there is no workload {name}"
        return found

    @property
    def workloads(self) -> list[str]:
        """The names of those that are there."""
        return [
            name
            for name, kind in self._resources.items()
            if self.cluster.store.get((kind, self.cluster.own_namespace, name))
        ]

    # --- inside ------------------------------------------------------------------------------------------------

    def _created(self, resource: str, created: Object) -> None:
        if resource in KINDS:
            self._resources[created["metadata"]["name"]] = resource
            if self.auto is not None:
                self.auto(created["metadata"]["name"])

    def _deleted(self, resource: str, deleted: Object) -> None:
        if resource in KINDS and not self.holds_pods:
            self.remove_pods(deleted["metadata"]["name"])

    def _pods_to_make(self, workload: str) -> Iterator[tuple[str, Object, Object, dict[str, str]]]:
        found = self.workload(workload)
        spec: Any = found["spec"]
        kind = KINDS[self._resources[workload]]
        if kind == "Job":
            yield f"{workload}-x7k2p", found, spec["template"], {"job-name": workload}
        elif kind == "Volcano":
            for task in spec["tasks"]:
                for index in range(task.get("replicas", 1)):
                    labels = {"volcano.sh/task-spec": task["name"], "volcano.sh/job-name": workload}
                    yield f"{workload}-{task['name']}-{index}", found, task["template"], labels
        else:
            for role, replica in spec["mpiReplicaSpecs"].items():
                for index in range(replica.get("replicas", 1)):
                    name = f"{workload}-launcher" if role == "Launcher" else f"{workload}-worker-{index}"
                    yield name, found, replica["template"], {"training.kubeflow.org/job-role": role.lower()}

    def _add_pod(
        self, workload: str, status: Object, name: str, owner: Object, template: Object, labels: dict[str, str]
    ) -> str:
        metadata = {
            "labels": {**template["metadata"]["labels"], **labels},
            "annotations": dict(template["metadata"]["annotations"]),
            "ownerReferences": [{"name": workload, "uid": owner["metadata"]["uid"]}],
        }
        pod = {"metadata": metadata, "spec": template["spec"], "status": status}
        self.cluster.store.add((PODS, self.cluster.own_namespace, name), pod)
        return name

    def _pod(self, name: str, change: Callable[[Object], None]) -> None:
        self.cluster.store.change((PODS, self.cluster.own_namespace, name), change)

    def _container(self, name: str, state: Object, phase: str = "Pending") -> None:
        def change(pod: Object) -> None:
            container = pod["spec"]["containers"][0]["name"]
            pod["status"] |= {"phase": phase, "containerStatuses": [{"name": container, "state": state}]}

        self._pod(name, change)

    def _status(self, workload: str, of_kind: dict[str, Object]) -> None:
        resource = self._resources[workload]
        status = of_kind[KINDS[resource]]
        if status:
            key = (resource, self.cluster.own_namespace, workload)
            self.cluster.store.change(key, lambda each: each.setdefault("status", {}).update(status))


def _holds(kind: str, reason: str = "", message: str = "") -> Object:
    return {"conditions": [{"type": kind, "status": "True", "reason": reason, "message": message}]}


def _state(phase: str, reason: str = "", message: str = "") -> Object:
    return {"state": {"phase": phase, "reason": reason, "message": message}}


def _condition(pod: Object, kind: str, status: str, reason: str = "", message: str = "") -> None:
    given = {"type": kind, "status": status, "reason": reason, "message": message, "lastTransitionTime": now()}
    others = [each for each in pod["status"].get("conditions", []) if each["type"] != kind]
    pod["status"]["conditions"] = [*others, given]
