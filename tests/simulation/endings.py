"""What must hold when nothing has gone wrong for a while: every task is over, and every record tells the truth."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from domain.execution import Succeeded
from domain.notifications import DEFAULT_ROUTE, notification_id
from domain.task import Task
from domain.values import TaskStatus
from tests.frontend.standin import Fault, truth_of, verdict
from tests.simulation.calls import Call
from tests.simulation.judge import number_of
from tests.simulation.promises import ANSWERED_WITHIN_S, Wrong, wrongs_of_promises
from tests.simulation.records import FrontendRecords
from tests.simulation.users import Made, Users
from tests.simulation.work_rules import Work
from tests.simulation.world import World


def wrongs_of_end(world: World, users: Users, records: FrontendRecords) -> Iterator[Wrong]:
    """Yield all that is wrong."""
    yield from _wrongs_of_store(world)
    yield from _wrongs_of_outbox(world)
    for work in world.floor.at_work:
        yield "work goes on", work.order.name
    for made in users.made.values():
        if made.task_id in world.judge.reused_ids:
            continue
        task = world.judge.tasks.get(made.task_id)
        yield from _wrongs_of_record(records, made, task)
        if task is not None:
            yield from _wrongs_of_task(world, made, task)
            yield from _wrongs_of_lines(world, task)
    yield from _wrongs_of_answers(world, users, records)
    yield from wrongs_of_promises(world)


def untruths(world: World, users: Users, records: FrontendRecords) -> Iterator[Wrong]:
    """Yield what is wrong with records soon after the last write of a frontend, whether or not the tasks are over."""
    for made in users.made.values():
        if made.task_id not in world.judge.reused_ids:
            yield from _wrongs_of_record(records, made, world.judge.tasks.get(made.task_id))


def _wrongs_of_store(world: World) -> Iterator[Wrong]:
    queue, ledgers = world.database.ledgers.queue, world.database.ledgers
    left = (dict(queue.waiting()), queue.delayed(), dict(queue.at_work()), ledgers.live_ids(None, 100))
    if left != ({}, 0, {}, []):
        yield "the queue is not empty", str(left)
    for task_id, task in world.judge.tasks.items():
        ledger = ledgers.get(task_id)
        if ledger is None or ledger.task != task:
            yield "a ledger changed by itself", f"task {task_id}"
        if not task.is_terminal:
            yield "a task has not ended", f"task {task_id} is {task.status}"


def _wrongs_of_outbox(world: World) -> Iterator[Wrong]:
    """Yield the ends that stand, and of which no receiver would ever hear: nobody here takes anything out."""
    told = world.database.outbox.lane(DEFAULT_ROUTE).words
    for task in world.judge.tasks.values():
        if task.is_terminal and notification_id(task) not in told:
            yield "an end is not told", f"task {task.task_id} is {task.status}"


def _wrongs_of_record(records: FrontendRecords, made: Made, task: Task | None) -> Iterator[Wrong]:
    if task is not None and number_of(task) != made.wish.number:
        return
    for finding in verdict(records.peek(made.task_id), truth_of(task) if task else None, made.history):
        if task is None and finding.fault is Fault.ORDER:
            continue  # the frontend appends its lines, and lines of a scheduler may be there whose ledger is lost
        yield f"a record is wrong: {finding.fault}", f"task {made.task_id}: {finding.detail}"


def _wrongs_of_task(world: World, made: Made, task: Task) -> Iterator[Wrong]:
    runs = world.floor.works[made.wish.number]
    name = f"task {task.task_id}"
    is_unwanted = made.unwanted or any(world.judge.calls.of(task.task_id, "cancel", "stop"))
    if task.status is TaskStatus.CANCELLED and not is_unwanted:
        yield "a task was cancelled though nobody asked for it", f"{name}: {task.lines}"
    own = {attempt.number for attempt in task.attempts if attempt.generation == task.generation}
    done = [run.outcome.result for run in runs if isinstance(run.outcome, Succeeded) and run.order.attempt in own]
    if task.status is TaskStatus.COMPLETED and task.result not in done:
        yield "a task is completed without work that was", f"{name}: {task.result}"
    if len(runs) > task.attempt and not world.failed_over_at:
        yield "work began more often than attempts", f"{name}: {len(runs)}, {task.attempt}"


def _wrongs_of_lines(world: World, task: Task) -> Iterator[Wrong]:
    for life in world.judge.lives.values():
        if not life.is_dead:
            for line in sorted(world.judge.knowledge.lines_shown(life, task) - set(task.lines)):
                yield "a line that was read is lost", f"task {task.task_id}, read by {life.name}: {line}"


def _wrongs_of_answers(world: World, users: Users, records: FrontendRecords) -> Iterator[Wrong]:
    by_id = {made.task_id: made for made in users.made.values() if made.task_id not in world.judge.reused_ids}
    for call in world.judge.calls.answered():
        made = by_id.get(call.task_id)
        if made is None:
            continue
        # What a fail-over may have lost is judged when its window ends.
        lasts = all(call.at_s > at + ANSWERED_WITHIN_S for at in world.failed_over_at)
        task, document = world.judge.tasks.get(call.task_id), records.peek(call.task_id)
        if call.what == "submit":
            yield from _wrongs_of_submit(call, made, task, document, lasts=lasts)
        elif call.what in ("cancel", "stop") and lasts and not world.judge.generations.began_since(call):
            yield from _wrongs_of_cancel(call, task, world.floor.works[made.wish.number])


def _wrongs_of_submit(
    call: Call, made: Made, task: Task | None, document: bytes | None, *, lasts: bool
) -> Iterator[Wrong]:
    is_remembered = document is not None and not call.life.is_dead
    if call.status == 202 and task is None and (lasts or is_remembered):
        yield "an accepted task is lost", f"task {call.task_id}, which {call.life.name} accepted"
    # Of a record that its user deleted, and a late write brought back, nobody knows anything any more.
    owed = lasts and is_remembered and not made.history.deleted
    if owed and _was_told_to_wait(made) and _hangs(document):
        yield "a refused submit was not settled", f"task {call.task_id}"


def _wrongs_of_cancel(call: Call, task: Task | None, runs: Sequence[Work]) -> Iterator[Wrong]:
    told = json.loads(call.body)["status"] if call.status == 202 else ""
    is_stopped = task is None or task.saw_cancel or task.status is TaskStatus.COMPLETED
    if told == TaskStatus.CANCEL_REQUESTED and not is_stopped:
        yield "a task that was to be stopped went on", f"task {call.task_id}: {task and task.status}"
    if told != TaskStatus.CANCELLED:
        return
    # Without a ledger the record had ended before it was submitted, and nothing else is known of the task.
    ended_otherwise = task is not None and task.status is not TaskStatus.CANCELLED
    if ended_otherwise or any(run.began_s > call.at_s for run in runs):
        yield "a task that was said to be cancelled is not", f"task {call.task_id}: {task and task.status}"


def _was_told_to_wait(made: Made) -> bool:
    """Whether the frontend heard the 503 of its submit; where it gave up before, it ends the record by itself."""
    return any(
        call.what == "submit" and call.answer is not None and call.answer.status == 503 for call in made.history.calls
    )


def _hangs(document: bytes | None) -> bool:
    """Whether a record is there and has not ended."""
    return document is not None and json.loads(document)["status"] not in ("completed", "failed", "cancelled")
