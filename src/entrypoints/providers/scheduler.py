"""The use cases and the loops."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Protocol, runtime_checkable

from dishka import Provider, Scope, provide, provide_all

from application.auditing import Audit
from application.blocks import SetBlock, SettleEndedBlocks
from application.cancel import CancelTask
from application.dispatcher import Dispatcher
from application.drain import SetDrain
from application.explain import ExplainTask
from application.history import TellHistory
from application.leases import KeepLeases, TakeOver
from application.ledger import Ledger
from application.meter import Meter
from application.operator_cancel import CancelByOperator
from application.orphans import RemoveOrphans
from application.ports import Claims, OutlivingWork
from application.presence import KeepPresence
from application.priority import ChangePriority
from application.reconciling import ReconcileTasks
from application.restoring import RestoreLedgers
from application.retry import RetryTask
from application.scheduler import Scheduler
from application.submit import SubmitTask
from application.throughput import TellThroughput
from application.tools import Tools
from application.unsettled import Unsettled
from application.users import TellUsers
from application.watching import WatchRecords
from domain.ports import BlockStore, Clock, Executor, TaskStore
from entrypoints.executors import make_executor
from entrypoints.settings import Settings


@runtime_checkable
class AsyncCloseable(Protocol):
    """What holds connections until it is closed."""

    async def close(self) -> None:
        """Let go of them."""
        ...


class SchedulerProvider(Provider):
    """All of a replica but its store."""

    scope = Scope.APP
    frontends_use_cases = provide_all(SubmitTask, CancelTask, Unsettled)
    operators_actions = provide_all(CancelByOperator, RetryTask, ChangePriority, SetBlock, SetDrain, Audit)
    operators_questions = provide_all(ExplainTask, TellHistory, TellThroughput, TellUsers)
    loops = provide_all(Dispatcher, KeepLeases, TakeOver, RestoreLedgers, WatchRecords, SettleEndedBlocks, KeepPresence)
    shared = provide_all(Ledger, Tools)

    @provide
    async def executor(self, settings: Settings, clock: Clock) -> AsyncIterator[Executor]:
        executor = make_executor(settings, clock)
        yield executor
        if isinstance(executor, AsyncCloseable):
            await executor.close()

    @provide
    def scheduler(
        self,
        dispatcher: Dispatcher,
        keep_leases: KeepLeases,
        take_over: TakeOver,
        watch: WatchRecords,
        restore: RestoreLedgers,
        unsettled: Unsettled,
        blocks: BlockStore,
        settle_blocks: SettleEndedBlocks,
        presence: KeepPresence,
        tools: Tools,
        store: TaskStore,
        settings: Settings,
    ) -> Scheduler:
        orphans = None
        if isinstance(tools.executor, OutlivingWork):
            orphans = RemoveOrphans(tools.executor, store, tools.clock, settings.kubernetes_orphan_s)
        return Scheduler(
            dispatcher, keep_leases, take_over, watch, restore, unsettled, blocks, settle_blocks, presence, orphans
        )

    @provide
    def claims(self, dispatcher: Dispatcher) -> Claims:
        return dispatcher

    @provide
    def reconcile(self, store: TaskStore, ledger: Ledger, dispatcher: Dispatcher, meter: Meter) -> ReconcileTasks:
        return ReconcileTasks(store, ledger, dispatcher.see, meter)
