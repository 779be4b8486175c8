"""The work itself: what is at work where. It lives on its own, whatever becomes of the process that started it."""

from __future__ import annotations

from collections import defaultdict
from functools import partial

from domain.execution import Failed, LeaseLapsed, Outcome, Report, Stopped, Succeeded, WorkOrder
from domain.values import Progress, TaskResult
from tests.simulation.decisions import Decisions, Weights
from tests.simulation.ledger_rules import FINAL_FAILURE
from tests.simulation.loop import Life, SimulationLoop
from tests.simulation.story import Story
from tests.simulation.work_rules import PASSING_FAILURE, Work, WorkRules

LASTS_S = (0.1, 0.02, 0.5, 2.0, 4.0, 7.0, 12.0)
ENDS = Weights([6.0, 1.5, 1.0])
"""With success, with a failure that may pass, with one that stays."""
MOST_REPORTS = 3
STOPS_WITHIN = (0.0, 0.3, 0.99)
"""How much of the kill grace work takes to stop."""


class Floor:
    """Where all work of a run is done."""

    def __init__(
        self,
        loop: SimulationLoop,
        decisions: Decisions,
        rules: WorkRules,
        kill_grace_s: float,
        story: Story,
    ) -> None:
        self.works: dict[int, list[Work]] = defaultdict(list)
        """Every run, by the number of the task."""
        self._loop = loop
        self._decisions = decisions
        self.rules = rules
        self._kill_grace_s = kill_grace_s
        self._story = story

    def begin(self, order: WorkOrder, life: Life, until: float) -> Work:
        """Begin work for a process; ``until`` is a true time."""
        times = self.works[int(str(order.parameters["number"]))]
        work = Work(order, f"work {order.name} ({len(times) + 1})", until, self._loop.time())
        self.rules.hold_start(work, life, times, self.at_work)
        times.append(work)
        self._story.tell("WORK", f"{order.name} begins for {life.name}")
        lasts_s = LASTS_S[self._decisions.number(f"{work.question} lasts", len(LASTS_S))]
        reports = self._decisions.number(f"{work.question} reports", MOST_REPORTS)
        for number in range(1, reports + 1):
            self._loop.later(lasts_s * number / (reports + 1), partial(self._report, work, number))
        self._loop.later(lasts_s, lambda: self._end(work, self._fate_of(work)))
        return work

    def ends_at(self, work: Work) -> None:
        """Have work stop by itself when its owner's lease is over."""
        now = self._loop.time()
        if not work.is_at_work:
            return
        if now >= work.until:
            self.stop(work, LeaseLapsed(), "its lease is over")
        else:
            self._loop.later(work.until - now, lambda: self.ends_at(work))

    def stop(self, work: Work, outcome: Outcome, why: str, within_s: float | None = None) -> None:
        """Stop work; it may take its time, and may be finished before."""
        if not work.is_at_work or work.is_stopping:
            return
        work.is_stopping = True
        self._story.tell("WORK", f"{work.order.name} is being stopped: {why}")
        share = STOPS_WITHIN[self._decisions.number(f"{work.question} stops within", len(STOPS_WITHIN))]
        grace_s = self._kill_grace_s if within_s is None else within_s
        self._loop.later(share * grace_s, lambda: self._end(work, outcome))

    @property
    def at_work(self) -> list[Work]:
        """What is at work now."""
        return [work for times in self.works.values() for work in times if work.is_at_work]

    # --- steps ---------------------------------------------------------------------------------------------------

    def _fate_of(self, work: Work) -> Outcome:
        match self._decisions.weigh(f"{work.question} ends", ENDS):
            case 0:
                return Succeeded(TaskResult("Succeeded", f"done by {work.question}"))
            case 1:
                return Failed(PASSING_FAILURE, transient=True)
            case _:
                return Failed(FINAL_FAILURE, result=TaskResult("Failed", f"told by {work.question}"))

    def _report(self, work: Work, number: int) -> None:
        if work.is_at_work:
            work.tell(Report(Progress(number, MOST_REPORTS), TaskResult("Running", f"{number} of {work.question}")))

    def _end(self, work: Work, outcome: Outcome) -> None:
        if not work.is_at_work:
            return
        work.is_at_work = False
        work.outcome = outcome
        work.ended_s = self._loop.time()
        self._story.tell("WORK", f"{work.order.name} has ended: {type(outcome).__name__}")
        work.tell(outcome)


def stopped(work: Work) -> Stopped:
    """How work ends that is stopped as asked."""
    return Stopped(TaskResult("Stopped", f"stopped {work.question}"))
