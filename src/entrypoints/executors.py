"""Making the executor that the settings name."""

from __future__ import annotations

import os

from adapters.executors.local.executor import LocalExecutor
from adapters.executors.local.movers import find_mover
from adapters.executors.placeholder import PlaceholderExecutor
from adapters.executors.problems import ConfigurationProblem
from domain.ports import Clock, Executor
from domain.values import Priority
from entrypoints.settings import ExecutorKind, RunAs, Settings, SettingsError


def make_executor(settings: Settings, clock: Clock) -> Executor:
    """Return the executor, ready for its first task. Raises :class:`SettingsError` where this machine is not."""
    if settings.executor is ExecutorKind.PLACEHOLDER:
        return PlaceholderExecutor(clock, settings.placeholder_s)
    if settings.executor is ExecutorKind.KUBERNETES:
        return _kubernetes(settings, clock)
    return _local(settings, clock)


def _kubernetes(settings: Settings, clock: Clock) -> Executor:
    # Nothing else needs the client of clusters, which takes a while to import.
    from adapters.executors.kubernetes.config import KubernetesConfig, TimeLimits
    from adapters.executors.kubernetes.executor import make_kubernetes_executor

    config = KubernetesConfig(
        templates=settings.kubernetes_templates,
        mounts=dict(settings.kubernetes_mounts),
        roots=settings.allowed_roots,
        kubeconfig=settings.kubernetes_kubeconfig,
        namespace=settings.kubernetes_namespace,
        accounts=settings.kubernetes_accounts,
        queues={Priority(name): queue for name, queue in settings.kubernetes_queues},
        priority_classes={Priority(name): each for name, each in settings.kubernetes_priority_classes},
        limits=TimeLimits(settings.kubernetes_schedule_s, settings.kubernetes_start_s, settings.kubernetes_run_s),
        keep_s=settings.kubernetes_keep_s,
    )
    try:
        return make_kubernetes_executor(config, clock)
    except ConfigurationProblem as problem:
        raise SettingsError(str(problem)) from None


def _local(settings: Settings, clock: Clock) -> Executor:
    if not settings.allowed_roots:
        raise SettingsError(
            "DMS_ALLOWED_ROOTS is not set: set it to the directories that tasks may touch, such as "
            "DMS_ALLOWED_ROOTS=/pvs:/home/gpu1, or set DMS_EXECUTOR=placeholder to try the service without moving "
            "anything"
        )
    if settings.run_as is RunAs.USER and not _is_root():
        raise SettingsError("DMS_RUN_AS='user': only root may act for other users, so accepted is service")
    try:
        executor = LocalExecutor(
            find_mover(settings.mover),
            settings.allowed_roots,
            clock,
            run_as=run_as(settings).value,
            kill_grace_s=settings.kill_grace_s,
        )
        executor.preflight()
    except ConfigurationProblem as problem:
        raise SettingsError(str(problem)) from None
    return executor


def run_as(settings: Settings) -> RunAs:
    """Return whose rights the local executor's work has: the users' wherever this process may give them."""
    return settings.run_as or (RunAs.USER if _is_root() else RunAs.SERVICE)


def _is_root() -> bool:
    return os.geteuid() == 0
