"""What happened in a run, for people: who did what at which virtual time."""

from __future__ import annotations

from collections.abc import Collection

from domain.ports import Snapshot
from tests.simulation.knowledge import Moment
from tests.simulation.loop import SimulationLoop

NOTHING = "nothing"


class Story:
    """Lines are kept only where somebody wants to read them: most runs go well."""

    def __init__(self, loop: SimulationLoop, *, wanted: bool) -> None:
        self.is_wanted = wanted
        self.lines: list[str] = []
        self._loop = loop

    def tell(self, who: str, what: str) -> None:
        """Add a line."""
        if self.is_wanted:
            self.lines.append(f"{self._loop.time():8.3f} s  {who:9} {what}")


def describe(what: object) -> str:
    """Say in a few words what an operation on the store returned or raised."""
    match what:
        case str():
            return what
        case Exception():
            return type(what).__name__
        case Snapshot(task_id=task_id, task=task, record=record):
            ledger = "no ledger" if task is None else f"{task.status}, attempt {task.attempt}"
            lease = f", lease of {task.lease.owner}" if task is not None and task.lease is not None else ""
            beside = f", record {record.status}" if record is not None else ", no record"
            return f"{task_id}: {ledger}{lease}{beside}"
        case (Moment(), seen):
            return describe(seen)
        case (Snapshot() as snapshot, _):
            return describe(snapshot)
        case Collection() if len(what) > 3:
            return f"{len(what)} tasks"
        case frozenset():
            return ", ".join(sorted(what)) or NOTHING
        case Collection():
            return "; ".join(describe(each) for each in what) or NOTHING
        case _:
            return "done" if what is None else str(what)
