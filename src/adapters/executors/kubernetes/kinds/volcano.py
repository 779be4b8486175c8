"""``batch.volcano.sh/v1alpha1`` Job: tasks of pods that are scheduled together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from adapters.executors.kubernetes.kinds.base import LAUNCHERS, Condition, Document, Phase, check_template, within
from adapters.executors.kubernetes.problems import UnfitValue

TASK = "volcano.sh/task-spec"
"""Label and annotation of a pod: the task of the job that it belongs to."""

_PHASES = {
    "": Phase.WAITING,
    "Pending": Phase.WAITING,
    "Inqueue": Phase.WAITING,
    "Completed": Phase.SUCCEEDED,
    "Failed": Phase.FAILED,
    "Terminated": Phase.FAILED,
    "Aborted": Phase.FAILED,
}
"""Every other phase (Running, Restarting, Completing, Terminating, Aborting) is one in which pods are at work."""

_BY_SOMEBODY = {"Aborted": "it was suspended by somebody else", "Terminated": "it was terminated"}


class VolcanoJob:
    """Implements :class:`.base.Kind`."""

    api_version = "batch.volcano.sh/v1alpha1"
    kind = "Job"
    plural = "jobs"

    def check(self, document: Mapping[str, Any]) -> None:
        tasks = within(document, "spec", "tasks")
        if not isinstance(tasks, list) or not tasks:
            raise UnfitValue("spec.tasks must be a list of at least one task")
        for number, task in enumerate(tasks):
            check_template(f"spec.tasks[{number}].template", within(task, "template"))

    def pod_templates(self, document: Document) -> Iterator[Document]:
        for task in document["spec"]["tasks"]:
            yield task["template"]

    def bound(self, document: Document, run_limit_s: int, keep_s: int) -> None:
        """Limit the pods: a Volcano job has no deadline of its own."""
        document["spec"].setdefault("ttlSecondsAfterFinished", keep_s)
        for template in self.pod_templates(document):
            if run_limit_s:
                template["spec"].setdefault("activeDeadlineSeconds", run_limit_s)

    def launcher(self, document: Mapping[str, Any]) -> str:
        """Return the task that is called like a launcher, else the first one."""
        names = [str(task.get("name", "")) for task in within(document, "spec", "tasks") or ()]
        return next((name for name in names if name.lower() in LAUNCHERS), names[0] if names else "")

    def role(self, labels: Mapping[str, str], annotations: Mapping[str, str]) -> str:
        return labels.get(TASK) or annotations.get(TASK, "")

    def read(self, document: Mapping[str, Any]) -> Condition:
        state = within(document, "status", "state") or {}
        named = str(state.get("phase") or "")
        message = str(state.get("message") or "") or _BY_SOMEBODY.get(named, "")
        return Condition(_PHASES.get(named, Phase.RUNNING), str(state.get("reason") or ""), message)

    def reprioritise(self, document: Mapping[str, Any], queue: str, priority_class: str) -> Document | None:
        """Patch the priority class: Volcano's admission webhook lets nobody change the queue of a job."""
        if not priority_class or within(document, "spec", "priorityClassName") == priority_class:
            return None
        return {"spec": {"priorityClassName": priority_class}}
