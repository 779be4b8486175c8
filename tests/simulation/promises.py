"""What operators were promised: a retry that was acknowledged has begun a generation, and that is not lost."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from domain.task import Task
from tests.simulation.calls import Call
from tests.simulation.generations import Opening, retries_in
from tests.simulation.world import World

ANSWERED_WITHIN_S = 20.0
"""A process may be frozen for so long between what it did and its answer."""

Wrong = tuple[str, str]
"""A rule, and what shows that it was broken."""


def wrongs_of_promises(world: World) -> Iterator[Wrong]:
    """Yield all that is wrong when everything is over."""
    for task_id, task in world.judge.tasks.items():
        if task_id in world.judge.reused_ids:
            continue
        if not world.failed_over_at:
            yield from _wrongs_of_count(task)
        openings = world.judge.generations.of(task_id)
        for call in world.judge.calls.of(task_id, "retry"):
            yield from _wrongs_of_retry(call, openings)
            if all(call.at_s > at + ANSWERED_WITHIN_S for at in world.failed_over_at):
                yield from _wrongs_of_kept(call, openings, task)


def _wrongs_of_count(task: Task) -> Iterator[Wrong]:
    """Where nothing was lost, the log tells of every generation."""
    told = len(retries_in(task)) + 1
    if task.generation != told:
        yield "generations are not counted", f"task {task.task_id}: {task.generation}, its log tells of {told}"


def _wrongs_of_retry(call: Call, openings: Sequence[Opening]) -> Iterator[Wrong]:
    """Whoever is told that a retry was done must have had it done, and not find that somebody had done another."""
    if call.status == 202 and not _done_by(call, openings):
        yield "a retry was acknowledged that was not done", f"task {call.task_id} by {call.life.name}: {call.body}"


def _wrongs_of_kept(call: Call, openings: Sequence[Opening], task: Task) -> Iterator[Wrong]:
    if call.status != 202:
        return
    if task.generation < json.loads(call.body)["generation"]:
        yield "a generation is lost", f"task {call.task_id} is at {task.generation}, promised was {call.body}"
    done = [opening.line for opening in _done_by(call, openings)]
    if done and not set(done) & set(task.lines):
        yield "an acknowledged retry is lost", f"task {call.task_id} by {call.life.name}: {done}"


def _done_by(call: Call, openings: Sequence[Opening]) -> list[Opening]:
    return [each for each in openings if each.life is call.life and call.began_s <= each.at_s <= call.at_s]
