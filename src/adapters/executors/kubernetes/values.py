"""What a template is given: the task, its user, its paths and where they are mounted."""

from __future__ import annotations

import re
import shlex
from typing import Any

from adapters.executors.accounts import Account
from adapters.executors.kubernetes.config import KubernetesConfig
from adapters.executors.kubernetes.names import annotations_of, labels_of, workload_name
from adapters.executors.kubernetes.problems import UnfitValue
from adapters.executors.kubernetes.quoting import check_text, texts
from domain.errors import InvalidRequest
from domain.execution import WorkOrder
from domain.paths import PathPolicy
from domain.values import Parameters, Priority

_NOT_IN_A_LABEL = re.compile(r"[^a-z0-9]+")
SAMPLE_ACCOUNT = Account(65534, 65534, (65534,))


class Values:
    """Makes the values for one order. Whatever a user wrote is checked on the way."""

    def __init__(self, config: KubernetesConfig, namespace: str) -> None:
        """``namespace``: where the workload is made. Raises ValueError for roots that are not paths."""
        self._config = config
        self._namespace = namespace
        self._mounts = PathPolicy(tuple(config.mounts))
        self._policy = PathPolicy(config.roots or tuple(config.mounts))

    def make(self, order: WorkOrder, account: Account) -> dict[str, object]:
        """Return the values. Raises :class:`InvalidRequest` for what the task may not ask for."""
        paths = self._paths(order.parameters)
        mounts = {path["root"]: {name: path[name] for name in ("root", "volume", "name")} for path in paths.values()}
        values = {
            **self._about(order),
            **paths,
            "mounts": list(mounts.values()),
            "parameters": dict(order.parameters),
            "options": read_options(order.parameters.get("options", "")),
            "uid": account.uid,
            "gid": account.gid,
            "groups": list(account.groups),
        }
        try:
            for text in texts(values):
                check_text("the task", text)
        except UnfitValue as error:
            raise InvalidRequest(str(error)) from None
        return values

    def sample(self, service: str) -> dict[str, object]:
        """Return values with which every sound template can be rendered: without options, for templates list theirs."""
        order = WorkOrder("1", 1, service, "sample", {}, Priority.LOW, "2026-01-01T00:00:00+00:00")
        root = next(iter(self._config.mounts))
        path = self._placed(root.rstrip("/") + "/sample")
        return {
            **self.make(order, SAMPLE_ACCOUNT),
            "source": path,
            "destination": path,
            "path": path,
            "mounts": [{name: path[name] for name in ("root", "volume", "name")}],
            "parameters": _AnyParameter({"src": path["path"], "dst": path["path"], "path": path["path"]}),
        }

    def _about(self, order: WorkOrder) -> dict[str, object]:
        config = self._config
        return {
            "name": workload_name(order),
            "namespace": self._namespace,
            "task_id": order.task_id,
            "attempt": order.attempt,
            "user": order.user_id,
            "service": order.service,
            "priority": str(order.priority),
            "queue": config.queues.get(order.priority, ""),
            "priority_class": config.priority_classes.get(order.priority, ""),
            "labels": labels_of(order),
            "annotations": annotations_of(order),
            "run_limit_s": config.limits.run_s,
        }

    def _paths(self, parameters: Parameters) -> dict[str, dict[str, str]]:
        found: dict[str, str] = {}
        if "src" in parameters and "dst" in parameters:
            found["source"], found["destination"] = self._policy.check_pair(parameters["src"], parameters["dst"])
        elif "src" in parameters:
            found["source"] = self._policy.check_source("src", parameters["src"])
        elif "dst" in parameters:
            found["destination"] = self._policy.check_target("dst", parameters["dst"])
        if "path" in parameters:
            found["path"] = self._policy.check_target("path", parameters["path"])
        return {name: self._placed(path) for name, path in found.items()}

    def _placed(self, path: str) -> dict[str, str]:
        root = self._mounts.root_of(path)
        volume = self._config.mounts[root]
        return {"path": path, "root": root, "volume": volume, "name": _volume_name(volume)}


def read_options(given: object) -> list[str]:
    """Return a mover's options as its arguments. Raises :class:`InvalidRequest`.

    They are split as a shell would, and no shell sees them. A word that is no flag's value, or that is a path, could
    name another tree than those that were checked, so it is refused.
    """
    if not isinstance(given, str):
        raise InvalidRequest(f"options must be one string, such as '--delete --contents'; got {given!r}")
    try:
        words = shlex.split(given)
    except ValueError as error:
        raise InvalidRequest(f"options {given!r} cannot be read: {error}") from error
    for before, word in zip(["", *words], words, strict=False):
        is_value = before.startswith("-") and "=" not in before
        value = word.partition("=")[2] if word.startswith("-") else word
        if not word.startswith("-") and not is_value:
            raise InvalidRequest(f"options {given!r}: {word!r} is neither a flag nor the value of one")
        if value.startswith("/") or word == "--":
            raise InvalidRequest(f"options {given!r}: {word!r} could name another tree than src and dst")
    return words


class _AnyParameter(dict[str, Any]):
    """Parameters of which each has a value: which ones a service takes is known to its template alone."""

    def __missing__(self, name: str) -> str:
        return "sample"


def _volume_name(volume: str) -> str:
    return _NOT_IN_A_LABEL.sub("-", volume.lower()).strip("-")[:63].rstrip("-") or "data"


def path_problem(config: KubernetesConfig) -> str:
    """Return what is wrong with mounts and roots, empty where nothing is."""
    if not config.mounts:
        return "DMS_KUBERNETES_MOUNTS is not set: name the volume claim of each mount root, such as /pvs=pvs,/home=home"
    for root in config.roots:
        if not any(_holds(mount, root) for mount in config.mounts):
            return f"DMS_ALLOWED_ROOTS names {root}, which lies in none of the mounts of DMS_KUBERNETES_MOUNTS"
    return ""


def _holds(mount: str, root: str) -> bool:
    return root == mount or root.startswith(mount.rstrip("/") + "/")
