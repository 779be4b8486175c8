"""The use cases and the loops."""

from __future__ import annotations

from dishka import Provider, Scope, provide, provide_all

from application.blocks import SetBlock
from application.cancel import CancelTask
from application.dispatcher import Dispatcher
from application.leases import KeepLeases, TakeOver
from application.ledger import Ledger
from application.operator_cancel import CancelByOperator
from application.ports import Claims
from application.priority import ChangePriority
from application.reconciling import ReconcileTasks
from application.restoring import RestoreLedgers
from application.retry import RetryTask
from application.scheduler import Scheduler
from application.submit import SubmitTask
from application.tools import Tools
from application.unsettled import Unsettled
from application.watching import WatchRecords
from domain.ports import Clock, Executor, TaskStore
from entrypoints.executors import make_executor
from entrypoints.settings import Settings


class SchedulerProvider(Provider):
    """All of a replica but its store."""

    scope = Scope.APP
    frontends_use_cases = provide_all(SubmitTask, CancelTask, Unsettled)
    operators_use_cases = provide_all(CancelByOperator, RetryTask, ChangePriority, SetBlock)
    loops = provide_all(Dispatcher, KeepLeases, TakeOver, RestoreLedgers, WatchRecords, Scheduler, Ledger, Tools)

    @provide
    def executor(self, settings: Settings, clock: Clock) -> Executor:
        return make_executor(settings, clock)

    @provide
    def claims(self, dispatcher: Dispatcher) -> Claims:
        return dispatcher

    @provide
    def reconcile(self, store: TaskStore, ledger: Ledger, dispatcher: Dispatcher) -> ReconcileTasks:
        return ReconcileTasks(store, ledger, dispatcher.see)
