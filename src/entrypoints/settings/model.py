"""Every setting of the service, those of the Kubernetes executor last. The README's table is made from this class."""

# ruff: noqa: RUF009 (`variable` returns a dataclass field)

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from entrypoints.settings.kinds import seconds, text, whole
from entrypoints.settings.maps import Pairs, by_priority, mounts
from entrypoints.settings.variables import variable, variables_of
from entrypoints.settings.webhooks import WebhookSettings

LONGEST_S = 365 * 86400


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings(WebhookSettings):
    """What one process is told from outside. Spans of time are in seconds. An empty variable counts as unset."""

    kubernetes_templates: str = variable(
        "DMS_KUBERNETES_TEMPLATES",
        text(),
        "/etc/dms-scheduler/templates",
        "The directory of the templates, one `{service}.yaml` for each service of the Kubernetes executor.",
    )
    kubernetes_mounts: Pairs = variable(
        "DMS_KUBERNETES_MOUNTS",
        mounts(),
        (),
        "The volume claim of each mount root, such as `/pvs=pvs,/home/gpu1=home`. Tasks may touch what lies there; "
        "`DMS_ALLOWED_ROOTS` narrows that down.",
        shown="none",
    )
    kubernetes_kubeconfig: str = variable(
        "DMS_KUBERNETES_KUBECONFIG",
        text(),
        "",
        "A kubeconfig file. Without it: the cluster that the service runs in, else what `KUBECONFIG` names.",
        shown="none",
    )
    kubernetes_namespace: str = variable(
        "DMS_KUBERNETES_NAMESPACE",
        text(),
        "",
        "Where workloads are made.",
        shown="the kubeconfig's, or the one that the service runs in",
    )
    kubernetes_accounts: str = variable(
        "DMS_KUBERNETES_ACCOUNTS",
        text(),
        "",
        "A file of lines `name:uid:gid:group,group`, read again when it changes. Without it: this machine's accounts.",
        shown="none",
    )
    kubernetes_queues: Pairs = variable(
        "DMS_KUBERNETES_QUEUES",
        by_priority(),
        (("high", "high-q"), ("low", "low-q")),
        "The engine's queue for each priority.",
    )
    kubernetes_priority_classes: Pairs = variable(
        "DMS_KUBERNETES_PRIORITY_CLASSES",
        by_priority(),
        (),
        "The `priorityClassName` for each priority, such as `high=urgent`.",
        shown="none",
    )
    kubernetes_schedule_s: int = variable(
        "DMS_KUBERNETES_SCHEDULE_SECONDS",
        whole(0, LONGEST_S),
        3600,
        "How long a workload may wait for nodes before it is removed and tried again later; 0 for as long as it takes.",
    )
    kubernetes_start_s: int = variable(
        "DMS_KUBERNETES_START_SECONDS",
        whole(0, LONGEST_S),
        600,
        "How long its pods may take to start once they have nodes; 0 for as long as it takes.",
    )
    kubernetes_run_s: int = variable(
        "DMS_KUBERNETES_RUN_SECONDS",
        whole(0, LONGEST_S),
        7 * 86400,
        "How long the mover may run; 0 for as long as it takes.",
    )
    kubernetes_keep_s: int = variable(
        "DMS_KUBERNETES_KEEP_SECONDS",
        whole(60, LONGEST_S),
        3600,
        "How long a workload is kept after its end, so that its outcome can be found by another replica.",
    )
    kubernetes_orphan_s: float = variable(
        "DMS_KUBERNETES_ORPHAN_SECONDS",
        seconds(10),
        300.0,
        "How long a workload may be at work for no task of ours before it is removed.",
    )


class SettingsRow(NamedTuple):
    """One line of the README's configuration table."""

    name: str
    default: str
    meaning: str


def settings_table() -> tuple[SettingsRow, ...]:
    """Return every variable in the order of the table."""
    return tuple(SettingsRow(each.name, each.default, each.meaning) for _, each in variables_of(Settings))
