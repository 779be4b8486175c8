"""Why work failed on the cluster: in words for its user, and whether trying again may help (docs/kubernetes.md)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from adapters.executors.failures import explain
from adapters.executors.kubernetes.objects import Container, Pod, Workload
from adapters.executors.kubernetes.problems import ApiFault
from adapters.executors.output import clean
from domain.execution import Failed

_SIGNALLED = 128
"""Exit codes above are 128 and the number of the signal that ended the program."""
_KILLED = frozenset({137, 143})
_WEBHOOK_DENIED = re.compile(r'admission webhook "[^"]*" denied the request|ValidatingAdmissionPolicy')
_WEBHOOK_BROKEN = re.compile(r"failed calling webhook|failed to call webhook")
_QUOTA = re.compile(r"exceeded quota|insufficient quota|quota exceeded", re.IGNORECASE)
_ENDING = re.compile(r"because it is being terminated")
_NO_SUCH_IMAGE = re.compile(r"not found|manifest unknown|unauthorized|denied|invalid reference|no such", re.IGNORECASE)
_PULL = frozenset({"ImagePullBackOff", "ErrImagePull", "RegistryUnavailable"})
_NEVER = frozenset({"InvalidImageName", "ErrImageNeverPull"})
_CONFIGURATION = frozenset({"CreateContainerConfigError", "CreateContainerError", "RunContainerError", "StartError"})
_LOST_NODE = frozenset({"NodeLost", "NodeShutdown", "NodeAffinity", "Terminated", "Shutdown"})


def refused(fault: ApiFault) -> Failed:
    """Return why the API server did not create a workload."""
    said = clean(fault.message)
    if fault.code == 429:
        return Failed(f"the cluster is too busy to take the work: {said}", transient=True)
    if _WEBHOOK_BROKEN.search(fault.message):
        return Failed(f"an admission webhook of the cluster does not work: {said}", transient=True)
    if _WEBHOOK_DENIED.search(fault.message):
        return Failed(f"an admission rule of the cluster refused the work: {said}")
    if _QUOTA.search(fault.message):
        return Failed(f"the namespace's quota is used up: {said}", transient=True)
    if _ENDING.search(fault.message):
        return Failed(f"the namespace is being deleted, and takes no work: {said}")
    if fault.code == 401:
        return Failed(f"the cluster does not accept the scheduler's credentials: {said}", transient=True)
    if fault.code == 403:
        return Failed(f"the scheduler lacks the right to create this work, an operator must grant it: {said}")
    if fault.code == 404:
        return Failed(f"the cluster does not know this kind of work, or the namespace: {said}")
    if fault.code == 409:
        return Failed(f"the cluster could not take the work at this moment: {said}", transient=True)
    if fault.is_passing:
        return Failed(f"the cluster's API server cannot be reached: {said}", transient=True)
    return Failed(f"the cluster refused the work, its template must be mended: {said}")


def waits_because(pods: Sequence[Pod]) -> str:
    """Return why pods do not run yet, in the cluster's own words; empty where it has not said."""
    for pod in pods:
        if pod.unplaced_because:
            return clean(pod.unplaced_because)
        for container in _waiting(pod):
            if container.reason not in ("ContainerCreating", "PodInitializing", ""):
                return clean(f"{container.reason}: {container.message}".rstrip(": "))
    return ""


def hopeless(pods: Sequence[Pod]) -> Failed | None:
    """Return why pods will never run, where waiting longer cannot help."""
    for pod in pods:
        for container in _waiting(pod):
            if container.reason in _NEVER or (
                container.reason in _PULL and _NO_SUCH_IMAGE.search(container.message) is not None
            ):
                return Failed(f"the image cannot be pulled: {clean(f'{container.reason}: {container.message}')}")
    return None


def unscheduled(pods: Sequence[Pod], limit_s: int, warnings: Sequence[str]) -> Failed:
    """Return why work found no place within its limit. The place may be there later."""
    said = waits_because(pods) or (clean(warnings[-1]) if warnings else "the cluster has not said why")
    if _QUOTA.search(said):
        return Failed(f"the namespace's quota is used up: {said}", transient=True)
    return Failed(f"unschedulable for {limit_s} seconds: {said}", transient=True)


def unstarted(pods: Sequence[Pod], limit_s: int, warnings: Sequence[str]) -> Failed:
    """Return why pods that had a place did not start within their limit."""
    stuck = next((each for pod in pods for each in _waiting(pod) if each.reason), None)
    said = clean(f"{stuck.reason}: {stuck.message}".rstrip(": ")) if stuck is not None else ""
    if stuck is not None and stuck.reason in _PULL:
        return Failed(f"the image could not be pulled within {limit_s} seconds: {said}", transient=True)
    if stuck is not None and stuck.reason in _CONFIGURATION:
        return Failed(f"the container cannot be made, its template must be mended: {said}")
    if stuck is None or stuck.reason in ("ContainerCreating", "PodInitializing"):
        said = clean(warnings[-1]) if warnings else said
    return Failed(f"not started within {limit_s} seconds: {said or 'the cluster has not said why'}", transient=True)


def overlong(limit_s: int) -> Failed:
    """Return the failure of work that ran for too long."""
    return Failed(f"stopped because it ran longer than the limit of {limit_s} seconds")


def failed(workload: Workload, launchers: Sequence[Pod], others: Sequence[Pod], errors: Sequence[str]) -> Failed:
    """Return why a workload failed: what the cluster did to it comes first, then what the mover says."""
    pods = (*launchers, *others)
    for pod in pods:
        if (found := _by_the_cluster(pod)) is not None:
            return found
    for pod, container in _ended(pods):
        if container.reason == "OOMKilled":
            return Failed(f"ran out of memory: {container.name} of pod {pod.name} was killed (OOMKilled)")
    condition = workload.condition
    for reason, message in (*((pod.reason, pod.message) for pod in pods), (condition.reason, condition.message)):
        if reason == "DeadlineExceeded":
            return Failed(f"stopped because it ran longer than its deadline: {clean(message or reason)}")
    for _, container in _ended(launchers) or _ended(pods):
        return _by_itself(container, errors)
    said = ": ".join(filter(None, (condition.reason, condition.message))) or "the cluster has not said why"
    return Failed(clean(f"failed on the cluster: {said}"))


def _by_the_cluster(pod: Pod) -> Failed | None:
    said = clean(pod.disrupted_because or ": ".join(filter(None, (pod.reason, pod.message))))
    if pod.reason == "Evicted":
        return Failed(f"evicted from its node: {said}", transient=True)
    if pod.disrupted_because or pod.reason in _LOST_NODE:
        return Failed(f"the cluster ended pod {pod.name}: {said}", transient=True)
    return None


def _by_itself(container: Container, errors: Sequence[str]) -> Failed:
    meaning = explain(errors)
    telling = next((line for line in errors if meaning and explain([line]) == meaning), errors[-1] if errors else "")
    said = ": ".join(filter(None, (meaning.meaning if meaning else "", telling))) or clean(container.message)
    code = container.exit_code
    how = f"was killed by signal {code - _SIGNALLED}" if code in _KILLED else f"ended with exit code {code}"
    transient = meaning.transient if meaning else code in _KILLED
    return Failed(f"{container.name} {how}: {said}" if said else f"{container.name} {how}", transient=transient)


def _waiting(pod: Pod) -> Iterator[Container]:
    return (each for each in pod.containers if each.state == "waiting")


def _ended(pods: Sequence[Pod]) -> list[tuple[Pod, Container]]:
    """Return the containers that ended without success, with their pods."""
    return [
        (pod, each) for pod in pods for each in pod.containers if each.state == "terminated" and each.exit_code != 0
    ]


def is_broken_webhook(fault: ApiFault) -> bool:
    """Whether the server refused because an admission webhook did not answer it."""
    return _WEBHOOK_BROKEN.search(fault.message) is not None
