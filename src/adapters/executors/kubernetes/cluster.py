"""One cluster as this process sees it: the calls, the watches, and what they have shown."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable

from adapters.executors.kubernetes.api import ClusterApi
from adapters.executors.kubernetes.backoff import Backoff
from adapters.executors.kubernetes.board import Board
from adapters.executors.kubernetes.config import KubernetesConfig, TimeLimits
from adapters.executors.kubernetes.informer import Informer
from adapters.executors.kubernetes.kinds import Kind
from adapters.executors.kubernetes.kinds.base import Document
from adapters.executors.kubernetes.objects import read_pod, read_workload
from adapters.executors.kubernetes.resources import PODS, resource_of
from application.ending import end_all
from application.waiting import happens_within
from domain.ports import Clock


class Cluster:
    """Watches begin with the first call that needs them, one per kind and one for pods."""

    def __init__(
        self,
        api: ClusterApi,
        config: KubernetesConfig,
        kinds: Iterable[Kind],
        clock: Clock,
        *,
        report_every_s: float = 1.0,
        backoff: Callable[[], Backoff] = Backoff,
    ) -> None:
        """``report_every_s``: how long lines of a log are collected before they are told."""
        self.api = api
        self.config = config
        self.clock = clock
        self.board = Board()
        self.report_every_s = report_every_s
        self.backoff = backoff
        self._informers = {kind.api_version: self._informer(kind) for kind in kinds}
        self._informers["pods"] = Informer(api, PODS, _Pods(self.board), clock, backoff())
        self._runs: list[asyncio.Task[None]] = []
        self._synced = asyncio.Event()

    @property
    def limits(self) -> TimeLimits:
        """The time limits of all work."""
        return self.config.limits

    @property
    def problem(self) -> str:
        """Why the cluster is not seen, empty while it is."""
        return "; ".join(informer.problem for informer in self._informers.values() if informer.problem)

    async def seen(self, within_s: float) -> bool:
        """Return whether all that is there has been seen, after ``within_s`` seconds at the latest."""
        if not self._runs:
            self._runs = [
                asyncio.create_task(informer.run(), name="watch the cluster") for informer in self._informers.values()
            ]
            self._runs.append(asyncio.create_task(self._sync(), name="see the cluster"))
        if not self._synced.is_set():
            await happens_within(self._synced, within_s, self.clock)
        return self._synced.is_set()

    def watches(self, kind: Kind) -> bool:
        """Whether work of this kind is seen: a template has it, or such work was found."""
        return kind.api_version in self._informers

    def watch_also(self, kind: Kind) -> None:
        """Watch a kind that no template has any more, but of which there still is work."""
        if not self.watches(kind):
            informer = self._informers[kind.api_version] = self._informer(kind)
            self._runs.append(asyncio.create_task(informer.run(), name="watch the cluster"))

    async def close(self) -> None:
        """Watch no more."""
        await end_all(self._runs)
        await self.api.close()

    def _informer(self, kind: Kind) -> Informer:
        return Informer(self.api, resource_of(kind), _Workloads(self.board, kind), self.clock, self.backoff())

    async def _sync(self) -> None:
        for informer in tuple(self._informers.values()):
            await informer.synced()
        self._synced.set()


class _Workloads:
    """Implements :class:`.informer.Mirror`."""

    def __init__(self, board: Board, kind: Kind) -> None:
        self._board = board
        self._kind = kind

    def uids(self) -> frozenset[str]:
        return self._board.workload_uids(self._kind)

    def put(self, document: Document) -> None:
        if (workload := read_workload(self._kind, document)) is not None:
            self._board.put_workload(workload)

    def remove(self, uid: str) -> None:
        self._board.remove_workload(uid)


class _Pods:
    """Implements :class:`.informer.Mirror`."""

    def __init__(self, board: Board) -> None:
        self._board = board

    def uids(self) -> frozenset[str]:
        return self._board.pod_uids()

    def put(self, document: Document) -> None:
        if (found := read_pod(document)) is not None:
            self._board.put_pod(*found)

    def remove(self, uid: str) -> None:
        self._board.remove_pod(uid)
