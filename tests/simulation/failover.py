"""A fail-over of the store to a server that lacks the last writes, and what must be known again after it."""

from __future__ import annotations

from collections.abc import Iterator

from domain.task import Task
from tests.simulation.shape import LIFETIMES
from tests.simulation.world import World

LACKS_S = (0.1, 0.0, 0.4, 1.0, 2.5, 5.0)
WINDOW_S = LIFETIMES.store_lease_s
REMEMBERED_S = 55.0
"""What a process wrote within the last minute it must be able to write again."""
JUST_BEFORE_S = 0.001


class FailOver:
    """Happens ``at_s``. What processes that were well all the while knew then must stand when its window ends."""

    def __init__(self, world: World, question: str, at_s: float) -> None:
        self.at_s = at_s
        self._world = world
        lacks_s = LACKS_S[world.decisions.number(f"{question}: lacks", len(LACKS_S))]
        self._lacks_s = min(lacks_s, at_s)
        self._is_over = False
        world.fail_overs_due.append(at_s)
        world.at_fail_over.append(self._save_again)
        world.loop.later(at_s - self._lacks_s, self._save)
        world.loop.later(at_s, self._happen)
        world.loop.later(at_s + WINDOW_S - JUST_BEFORE_S, self._hold_against_rules)

    def _save(self) -> None:
        self._saved = self._world.database.save()
        self._saves = {task_id: len(each.saves) for task_id, each in self._world.journal.histories.items()}

    def _save_again(self) -> None:
        """Another fail-over came first: this one's server has no older state than that left behind."""
        if not self._is_over and self._world.loop.time() >= self.at_s - self._lacks_s:
            self._save()

    def _happen(self) -> None:
        world = self._world
        self._is_over = True
        world.story.tell("STORE", f"FAILS OVER to a server that lacks the last {self._lacks_s:g} s")
        world.database.fail_over(self._saved, WINDOW_S)
        world.judge.failed_over(WINDOW_S)
        world.judge.orphans_may_go_on |= world.shape.outlives
        world.failed_over_at.append(self.at_s)
        for task_id, history in world.journal.histories.items():
            kept = self._saves.get(task_id, 0)
            for save in history.saves[kept:]:
                save.ended = None  # nobody knows whether it took place
            history.observed.clear()
            if not kept and world.database.records.get(task_id) is None:
                history.deleted = True
                world.lost_ids.append(task_id)
        for told in world.at_fail_over:
            told()

    def _hold_against_rules(self) -> None:
        before = [each for each in self._world.failed_over_at if each < self.at_s]
        since = max([self.at_s - REMEMBERED_S, *before])
        for life in self._world.judge.lives.values():
            if life.is_dead or life.is_frozen or any(at >= self.at_s for at in life.troubled_at):
                continue
            for task_id, (moment, known) in self._world.judge.knowledge.written[life].items():
                if not since < moment.at_s <= self.at_s or task_id in self._world.judge.reused_ids:
                    continue
                for wrong in _wrongs(known, self._world.judge.tasks.get(task_id)):
                    self._world.judge.fault("what was known before a fail-over is lost", f"by {life.name}: {wrong}")


def _wrongs(known: Task, found: Task | None) -> Iterator[str]:
    name = f"task {known.task_id}"
    if found is None:
        yield f"{name} has no ledger"
        return
    if not found.incarnation.is_same_as(known.incarnation):
        return
    if lost := set(known.lines) - set(found.lines):
        yield f"{name} lacks {sorted(lost)}"
    if found.generation < known.generation:
        yield f"{name} was at generation {known.generation}, and is at {found.generation}"
    if found.generation > known.generation:
        return
    if known.is_terminal and (found.status, found.result) != (known.status, known.result):
        yield f"{name} was {known.status}, and is {found.status}"
    if known.saw_cancel and not (found.saw_cancel or found.is_terminal):
        yield f"{name} was to be cancelled, and is {found.status}"
    if found.attempt < known.attempt:
        yield f"{name} was at attempt {known.attempt}, and is at {found.attempt}"
