"""The local executor: data is moved on this machine, by a mover under a supervisor."""

from __future__ import annotations

import posixpath
from collections.abc import Sequence
from typing import Literal

from adapters.executors.accounts import Account, NoSuchAccount, find_account
from adapters.executors.local.execution import LocalExecution
from adapters.executors.local.movers.base import Mover
from adapters.executors.local.preflight import check_installation
from adapters.executors.local.process import SupervisedProcess, deadlines
from adapters.executors.local.requests import SERVICES, Copy, Remove, Request, read_request
from adapters.executors.local.run import Run
from adapters.executors.local.supervisor.job import SOURCE_FD, TARGET_FD, Job, now
from adapters.executors.local.supervisor.job import Account as JobAccount
from adapters.executors.local.works import CopyWork, RemovalWork, Work
from adapters.executors.output import Tail
from domain.errors import InvalidRequest
from domain.execution import Failed, LeaseLapsed, WorkOrder
from domain.paths import PathPolicy
from domain.ports import Clock
from domain.values import Parameters

RunAs = Literal["user", "service"]


class LocalExecutor:
    """Implements :class:`domain.ports.Executor` for ``sync``, ``cp`` and ``rm``."""

    name = "local"
    outlives_us = False
    """The supervisor stops the work when its scheduler is gone, so that nothing runs that nobody answers for."""
    services = frozenset(SERVICES)

    def __init__(
        self,
        mover: Mover,
        roots: Sequence[str],
        clock: Clock,
        *,
        run_as: RunAs,
        kill_grace_s: float = 10.0,
        report_every_s: float = 1.0,
        confine: bool = True,
    ) -> None:
        """Take plain settings.

        Args:
            mover: copies; see :func:`.movers.find_mover`.
            roots: what tasks may touch lies below these absolute paths.
            clock: paces the reports.
            run_as: ``user``: with the rights of the account that the task names, which only root can give.
                ``service``: with our own.
            kill_grace_s: between TERM and KILL when work is stopped.
            report_every_s: the least time between two reports of one execution.
            confine: have the kernel keep movers within source and target, where it can.

        Raises:
            ValueError: a root is not absolute and normalised.
        """
        self._mover = mover
        self._policy = PathPolicy(tuple(roots))
        self._clock = clock
        self._run_as = run_as
        self._kill_grace_s = kill_grace_s
        self._report_every_s = report_every_s
        self._confine = confine

    def preflight(self) -> None:
        """Look for what would make every task fail. Raises :class:`ConfigurationProblem`."""
        check_installation(self._mover, self._policy.roots, run_as_user=self._run_as == "user")

    def check(self, service: str, parameters: Parameters) -> None:
        read_request(service, parameters, self._policy)

    def is_repeatable(self, service: str) -> bool:
        """Every service is: what an interrupted copy has moved is found and skipped, and what is removed stays so."""
        return True

    async def start(self, order: WorkOrder, until: float) -> LocalExecution | Failed | LeaseLapsed:
        if until <= now():
            return LeaseLapsed()
        try:
            request = read_request(order.service, order.parameters, self._policy)
            account = await find_account(order.user_id) if self._run_as == "user" else None
        except (InvalidRequest, NoSuchAccount) as problem:
            return Failed(str(problem))
        tail = Tail(_shown_paths(request))
        run = Run(self._work(request, tail), tail)
        try:
            process = await SupervisedProcess.start(self._job(order, request, account, until), run.take, run.hear)
        except OSError as error:
            return Failed(f"the supervisor could not be started: {error.strerror}", transient=True)
        try:
            await run.begun.wait()
        except BaseException:
            await process.close()
            raise
        if not run.came_about:
            await process.close()
            outcome = run.outcome()
            assert isinstance(outcome, Failed | LeaseLapsed)
            return outcome
        return LocalExecution(order.name, process, run, self._clock, self._report_every_s)

    async def attach(self, order: WorkOrder, until: float) -> None:
        """Find nothing: work does not outlive its scheduler."""
        return None

    def _work(self, request: Request, tail: Tail) -> Work:
        if isinstance(request, Remove):
            return RemovalWork(tail, dry_run=request.options.dry_run)
        return CopyWork(self._mover.name, self._mover.listen(tail, request.options), tail)

    def _job(self, order: WorkOrder, request: Request, account: Account | None, until: float) -> Job:
        term_at, kill_at = deadlines(until, now())
        options, copies = request.options, isinstance(request, Copy)
        return Job(
            account=None if account is None else _for_supervisor(account),
            roots=list(self._policy.roots),
            kind="copy" if copies else "remove",
            source=request.source if isinstance(request, Copy) else "",
            target=request.target,
            delete=options.delete,
            dry_run=options.dry_run,
            by_content=options.by_content,
            # An attempt whose outcome got lost may have removed it.
            gone_is_done=order.attempt > 1,
            program=self._mover.program if copies else "",
            tree_arguments=self._mover.tree_arguments(options) if copies else [],
            file_arguments=self._mover.file_arguments(options) if copies else [],
            reserved_suffix=self._mover.reserved_suffix,
            scratch=copies and self._mover.needs_scratch,
            settle=self._mover.settles,
            confine=self._confine,
            grace_s=self._kill_grace_s,
            term_at=term_at,
            kill_at=kill_at,
        )


def _for_supervisor(account: Account) -> JobAccount:
    return JobAccount(uid=account.uid, gid=account.gid, groups=list(account.groups))


def _shown_paths(request: Request) -> dict[str, str]:
    """Return what the mover's names of the parent directories stand for."""
    shown = {f"/proc/self/fd/{TARGET_FD}": posixpath.dirname(request.target)}
    if isinstance(request, Copy):
        shown[f"/proc/self/fd/{SOURCE_FD}"] = posixpath.dirname(request.source)
    return shown
