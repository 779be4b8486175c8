"""Every interleaving of one task under the naive scheduler: each wrong end of the contract (§4) is among them."""

import asyncio
from collections import Counter
from collections.abc import Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import pytest

from tests.frontend.interleaving import Choices, Interleaver, VirtualClock, explore
from tests.frontend.naive import NaiveMemoryRecords, NaiveScheduler
from tests.frontend.standin import (
    Fault,
    Frontend,
    FrontendRecord,
    InProcessScheduler,
    Journal,
    LaggingRecords,
    MemoryRecords,
    RecordMissing,
    verdict,
)

User = Callable[[Frontend, str], Coroutine[Any, Any, None]]


async def cancels(frontend: Frontend, task_id: str) -> None:
    with suppress(RecordMissing):
        await frontend.cancel(task_id)


async def deletes(frontend: Frontend, task_id: str) -> None:
    with suppress(RecordMissing):
        await frontend.delete(task_id)


async def only_waits(frontend: Frontend, task_id: str) -> None:
    pass


# Steps that are followed by another one before anybody could see a difference.
UNSEEN = {"create.write", "submit.post", "cancel.post", "cancel.check"}


@dataclass(frozen=True)
class End:
    """How one run ended."""

    record: str
    """The record's status; empty where there is no record."""
    truth: str
    """The status in the scheduler's own account; empty where it never heard of the task."""
    faults: frozenset[Fault]
    deleted: bool


def ends(
    user: User = only_waits,
    *,
    work_ends: bool = True,
    impatient: bool = False,
    lag: int = 0,
    preemptions: int | None = None,
) -> Counter[End]:
    """How often each end comes, over all interleavings of a task's submit, its work, and what its user does.

    `preemptions` bounds how often an actor that could go on has to wait; None tries every order that can matter.
    """

    def run(choices: Choices) -> End:
        driver = Interleaver(choices, ignored=UNSEEN, prune=preemptions is None, preemptions=preemptions)
        records, clock, journal = MemoryRecords(), VirtualClock(), Journal()
        naive = NaiveScheduler(NaiveMemoryRecords(records), clock, steps=driver, work_ends=work_ends)
        scheduler = InProcessScheduler(naive.submit, naive.cancel, impatience=driver if impatient else None)
        access = LaggingRecords(records, choices.choose, lag, records.versions)

        async def main() -> End:
            async with Frontend(access, scheduler, clock=clock, journal=journal, steps=driver, workers=2) as frontend:
                task_id = await frontend.create()
                await asyncio.create_task(user(frontend, task_id))
                await frontend.settled()
                await scheduler.settled()
                await naive.settled()
            history = journal.histories[task_id]
            document = records.peek(task_id)
            account = naive.accounts.get(task_id)
            truth = None if account is None else account.truth
            return End(
                "" if document is None else FrontendRecord.parse(document).status,
                "" if truth is None else truth.status,
                frozenset(finding.fault for finding in verdict(document, truth, history)),
                history.deleted,
            )

        return driver.run(main())

    return Counter(explore(run))


def test_a_quick_task_stays_running_and_loses_its_result_and_its_lines() -> None:
    found = ends()
    assert End("completed", "completed", frozenset(), deleted=False) in found
    stuck = frozenset({Fault.STATUS, Fault.RESULT, Fault.LOST_LINE})
    assert End("running", "completed", stuck, deleted=False) in found


def test_a_cancel_is_written_over_a_completed_task() -> None:
    found = ends(cancels, preemptions=2)
    assert any((end.record, end.truth) == ("cancelled", "completed") for end in found)
    assert any((end.record, end.truth) == ("running", "cancelled") for end in found)


def test_a_timeout_fails_a_task_that_runs() -> None:
    found = ends(impatient=True, work_ends=False)
    assert any((end.record, end.truth) == ("failed", "running") for end in found)


def test_a_timeout_fails_a_task_that_was_completed() -> None:
    found = ends(impatient=True)
    assert any((end.record, end.truth) == ("failed", "completed") for end in found)


def test_a_deleted_record_comes_back() -> None:
    found = ends(deletes, preemptions=2)
    assert End("", "completed", frozenset(), deleted=True) in found
    back = {end.record for end in found if end.deleted and end.record}
    assert {"running", "cancelled"} <= back


def test_a_lagging_read_endpoint_loses_lines_even_where_nobody_overtakes() -> None:
    assert Fault.LOST_LINE in {fault for end in ends(lag=1) for fault in end.faults}


@pytest.mark.parametrize("lag", [0, 2])
def test_more_than_one_interleaving_in_twenty_ends_wrong(lag: int) -> None:
    found = ends(lag=lag)
    wrong = sum(count for end, count in found.items() if end.faults)
    assert wrong > 0.05 * found.total()


@pytest.mark.parametrize("options", [{}, {"impatient": True}, {"lag": 1}])
def test_pruning_misses_no_end(options: dict[str, Any]) -> None:
    unbounded = 99
    everything = ends(preemptions=unbounded, **options)
    pruned = ends(**options)
    assert pruned.keys() == everything.keys()
    assert pruned.total() < everything.total()
