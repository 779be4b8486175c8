"""What every executor does, whatever it runs on: start, follow, stop, fail, progress."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from adapters.executors.placeholder import PlaceholderExecutor
from domain.execution import Failed, LeaseLapsed, Report, Stopped, Succeeded, WorkOrder
from domain.ports import Executor
from domain.values import Priority
from tests.executors.driving import CLOCK, begin, follow, order, run, until
from tests.executors.fake_movers import with_script
from tests.kubernetes.conforming import on_a_cluster


@dataclass(frozen=True, slots=True)
class Case:
    """An executor, and what it needs to be told to behave in a way that a test wants to see."""

    executor: Executor
    quick: WorkOrder
    endless: Executor
    """The same kind, whose work on ``quick`` would take longer than any test."""
    failing: WorkOrder | None = None
    """Work that cannot be done; None where the executor does everything."""
    refused: WorkOrder | None = None
    """Work that the executor can tell at once that it could never be run."""
    tells_progress: bool = False


@asynccontextmanager
async def placeholder(_: Path) -> AsyncIterator[Case]:
    yield Case(
        executor=PlaceholderExecutor(CLOCK, 0.01),
        quick=order("chmod", {"path": "/pvs/a", "mode": "0755"}),
        endless=PlaceholderExecutor(CLOCK, 10_000),
    )


@asynccontextmanager
async def local(root: Path) -> AsyncIterator[Case]:
    (root / "source").mkdir()
    yield Case(
        executor=with_script(root, "echo bytes 17"),
        quick=order("sync", {"src": f"{root}/source", "dst": f"{root}/target"}),
        endless=with_script(root, "sleep 10000 & wait"),
        failing=order("sync", {"src": f"{root}/missing", "dst": f"{root}/target"}),
        refused=order("sync", {"src": "/etc/passwd", "dst": f"{root}/target"}),
        tells_progress=True,
    )


@asynccontextmanager
async def kubernetes(root: Path) -> AsyncIterator[Case]:
    async with (
        on_a_cluster(root / "quick", endless=False) as quick,
        on_a_cluster(root / "endless", endless=True) as endless,
    ):
        yield Case(
            executor=quick,
            quick=order("sync", {"src": "/pvs/source", "dst": "/pvs/target"}),
            endless=endless,
            failing=order("sync", {"src": "/pvs/missing", "dst": "/pvs/target"}),
            refused=order("sync", {"src": "/etc/passwd", "dst": "/pvs/target"}),
            tells_progress=True,
        )


@pytest.fixture(params=[placeholder, local, kubernetes])
async def case(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Case]:
    """Each executor in turn."""
    make: Callable[[Path], AbstractAsyncContextManager[Case]] = request.param
    async with make(tmp_path) as made:
        yield made


async def test_work_runs_to_its_end(case: Case) -> None:
    case.executor.check(case.quick.service, case.quick.parameters)
    execution = await begin(case.executor, case.quick)
    assert execution.name.startswith("dms-10-1")
    ended = await follow(execution)  # which sees to it that the outcome comes once, and last
    assert isinstance(ended.outcome, Succeeded)
    assert ended.outcome.result.pod_status
    assert ended.outcome.result.launcher_output


async def test_the_name_is_that_of_the_attempt(case: Case) -> None:
    second = WorkOrder("10", 2, case.quick.service, "alice", case.quick.parameters, Priority.HIGH)
    execution = await begin(case.executor, second)
    assert execution.name.startswith("dms-10-2")
    await follow(execution)


async def test_nothing_is_started_once_the_lease_has_ended(case: Case) -> None:
    assert await case.executor.start(case.quick, until(0)) == LeaseLapsed()


async def test_work_that_is_stopped_says_so(case: Case) -> None:
    execution = await begin(case.endless, case.quick)
    await execution.stop()
    await execution.stop()
    ended = await follow(execution)
    assert isinstance(ended.outcome, Stopped)
    assert ended.outcome.result is not None


async def test_work_that_is_stopped_while_it_is_followed_says_so(case: Case) -> None:
    execution = await begin(case.endless, case.quick)
    reports = execution.reports()
    first = asyncio.ensure_future(anext(reports))
    await asyncio.sleep(0)
    await execution.stop()
    told = await first
    while isinstance(told, Report):
        told = await anext(reports)
    assert isinstance(told, Stopped)
    with pytest.raises(StopAsyncIteration):
        await anext(reports)


async def test_a_renewal_and_a_change_of_priority_leave_the_outcome_as_it_is(case: Case) -> None:
    execution = await begin(case.executor, case.quick)
    await execution.extend(until())
    await execution.change_priority(Priority.HIGH)
    ended = await follow(execution)
    assert isinstance(ended.outcome, Succeeded)


async def test_what_cannot_be_done_fails_with_a_reason_on_one_line(case: Case) -> None:
    if case.failing is None:
        assert isinstance(case.executor, PlaceholderExecutor)
        return
    case.executor.check(case.failing.service, case.failing.parameters)
    ended = await run(case.executor, case.failing)
    assert isinstance(ended.outcome, Failed)
    assert ended.reason
    assert "\n" not in ended.reason
    assert not ended.outcome.transient


async def test_what_could_never_be_run_fails_even_where_nobody_has_checked_it(case: Case) -> None:
    if case.refused is None:
        assert isinstance(case.executor, PlaceholderExecutor)
        return
    ended = await run(case.executor, case.refused)
    assert isinstance(ended.outcome, Failed)
    assert not ended.outcome.transient


async def test_progress_is_told_by_the_end(case: Case) -> None:
    ended = await run(case.executor, case.quick)
    progress = [report.progress for report in ended.reports if report.progress is not None]
    if case.tells_progress:
        assert progress[-1].bytes_done == 17
    else:
        assert progress == []


async def test_work_can_be_found_again_only_where_it_outlives_us(case: Case) -> None:
    assert await case.executor.attach(case.quick, until()) is None
    execution = await begin(case.executor, case.quick)
    found = await case.executor.attach(case.quick, until())
    assert (found is not None) is case.executor.outlives_us
    assert isinstance((await follow(execution)).outcome, Succeeded)
    if found is not None:
        assert found.name == execution.name
        assert isinstance((await follow(found)).outcome, Succeeded)


async def test_work_that_is_let_go_of_is_found_again(case: Case) -> None:
    if not case.executor.outlives_us:
        return
    execution = await begin(case.endless, case.quick)
    await execution.detach()
    found = await case.endless.attach(case.quick, until())
    assert found is not None
    await found.stop()
    assert isinstance((await follow(found)).outcome, Stopped)


async def test_two_executions_do_not_mix(case: Case) -> None:
    endless = await begin(case.endless, case.quick)
    assert isinstance((await run(case.executor, case.quick)).outcome, Succeeded)
    await endless.stop()
    assert isinstance((await follow(endless)).outcome, Stopped)
