"""The Kubernetes executor: a cluster does the work, and goes on with it while no scheduler looks."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from adapters.executors.accounts import Account, NoSuchAccount
from adapters.executors.kubernetes.accounts import Accounts
from adapters.executors.kubernetes.api import ClusterApi
from adapters.executors.kubernetes.backoff import Backoff
from adapters.executors.kubernetes.cluster import Cluster
from adapters.executors.kubernetes.config import KubernetesConfig
from adapters.executors.kubernetes.connecting import find_cluster
from adapters.executors.kubernetes.execution import KubernetesExecution
from adapters.executors.kubernetes.kinds import KINDS, Kind
from adapters.executors.kubernetes.kinds.base import Document
from adapters.executors.kubernetes.manifests import complete
from adapters.executors.kubernetes.problems import TemplateProblem
from adapters.executors.kubernetes.starting import check_no_pods, find, remove, start_or_find
from adapters.executors.kubernetes.templates import MissingValue, Templates
from adapters.executors.kubernetes.values import SAMPLE_ACCOUNT, Values, path_problem
from adapters.executors.problems import ConfigurationProblem
from domain.errors import InvalidRequest
from domain.execution import Failed, FoundWork, LeaseLapsed, WorkOrder
from domain.ports import Clock, ExecutorUnavailable
from domain.values import Parameters, Priority

SEEN_WITHIN_S = 10.0
"""How long work waits for the watches to see the cluster: nothing is started that could not be followed."""


class KubernetesExecutor:
    """Implements :class:`domain.ports.Executor` and :class:`application.ports.OutlivingWork`.

    A service exists where its template does.
    """

    name = "kubernetes"
    outlives_us = True
    """The name of a workload follows from the task and the attempt, so whoever comes next finds it again."""

    def __init__(self, cluster: Cluster, templates: Templates, values: Values, accounts: Accounts) -> None:
        self._cluster = cluster
        self._templates = templates
        self._values = values
        self._accounts = accounts

    @property
    def services(self) -> frozenset[str]:
        return frozenset(self._templates.services)

    def check(self, service: str, parameters: Parameters) -> None:
        self._render(WorkOrder("1", 1, service, "sample", parameters, Priority.LOW), SAMPLE_ACCOUNT)

    def is_repeatable(self, service: str) -> bool:
        """Every service is: movers find what an interrupted run has moved, and what is removed stays so."""
        return True

    async def start(self, order: WorkOrder, until: float) -> KubernetesExecution | Failed | LeaseLapsed:
        """Start the work, or find it where an earlier call has started it.

        Raises:
            ExecutorUnavailable: the cluster did not say whether it has taken the work.
        """
        clock = self._cluster.clock
        if until <= clock.monotonic():
            return LeaseLapsed()
        try:
            account = await self._accounts.find(order.user_id)
            kind, document = self._render(order, account)
        except (InvalidRequest, NoSuchAccount) as problem:
            return Failed(str(problem))
        complete(kind, document, order, account, self._cluster.api.namespace, self._cluster.config)
        if not await self._cluster.seen(min(SEEN_WITHIN_S, until - clock.monotonic())):
            return Failed(f"the cluster cannot be watched: {self._unseen()}", transient=True)
        return await start_or_find(self._cluster, kind, document, order, until)

    async def attach(self, order: WorkOrder, until: float) -> KubernetesExecution | None:
        """Find work again.

        Raises:
            ExecutorUnavailable: the cluster does not tell whether there is any.
        """
        await self._see()
        # The template may have had another kind when the work was started.
        for kind in KINDS:
            if (found := await find(self._cluster, kind, order)) is not None:
                return found
        await check_no_pods(self._cluster, order)
        return None

    async def at_work(self) -> Sequence[FoundWork]:
        """Return all work that carries our labels (:class:`application.ports.OutlivingWork`)."""
        await self._see()
        return [
            FoundWork(each.name, each.key.task_id, each.key.attempt, each.incarnation)
            for each in self._cluster.board.workloads
            if not each.condition.phase.is_over and not each.is_deleted
        ]

    async def remove(self, work: FoundWork) -> None:
        """Delete work (:class:`application.ports.OutlivingWork`)."""
        for each in self._cluster.board.workloads:
            if (each.name, each.incarnation) == (work.name, work.incarnation):
                await remove(self._cluster, each)

    async def close(self) -> None:
        """Let go of the cluster; all work there goes on."""
        await self._cluster.close()

    async def _see(self) -> None:
        # Once it is known that the cluster cannot be seen, thousands of tasks must not wait for it one after another.
        if not await self._cluster.seen(0.0 if self._cluster.problem else SEEN_WITHIN_S):
            raise ExecutorUnavailable(f"the cluster cannot be watched: {self._unseen()}")

    def _unseen(self) -> str:
        return self._cluster.problem or "it does not answer"

    def _render(self, order: WorkOrder, account: Account) -> tuple[Kind, Document]:
        service = order.service
        if service not in self._templates.services:
            known = ", ".join(self._templates.services)
            raise InvalidRequest(f"service {service!r} has no template on this cluster; known are {known}")
        try:
            return self._templates.render(service, self._values.make(order, account))
        except MissingValue as problem:
            raise InvalidRequest(str(problem)) from None
        except TemplateProblem as problem:
            raise InvalidRequest(f"the template of {service} cannot take these parameters: {problem}") from None


def make_kubernetes_executor(
    config: KubernetesConfig, clock: Clock, *, report_every_s: float = 1.0, backoff: Callable[[], Backoff] = Backoff
) -> KubernetesExecutor:
    """Return an executor, ready for its first task; the cluster is not asked for anything yet.

    Args:
        config: the settings.
        clock: paces and limits.
        report_every_s: how long lines of a log are collected before they are told.
        backoff: makes what says how long to wait after a fault.

    Raises:
        ConfigurationProblem: a template, a setting or a file cannot be used.
    """
    if problem := path_problem(config):
        raise ConfigurationProblem(problem)
    api = ClusterApi(find_cluster(config.kubeconfig), config.namespace)
    templates, values = Templates(config.templates), Values(config, api.namespace)
    kinds = templates.check(values.sample)
    accounts = Accounts(config.accounts)
    cluster = Cluster(api, config, kinds.values(), clock, report_every_s=report_every_s, backoff=backoff)
    return KubernetesExecutor(cluster, templates, values, accounts)
