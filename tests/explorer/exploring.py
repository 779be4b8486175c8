"""All runs of a scenario, and what they came to."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from tests.explorer.history import History, key_of, shown
from tests.explorer.run import Run, run
from tests.explorer.scenario import Scenario
from tests.explorer.stage import Stage
from tests.frontend.interleaving import explore

LIMIT = 20_000
"""More runs than any scenario has. Reaching it is an error, and no end: see `tests.frontend.interleaving.explore`."""


@dataclass
class Explored:
    """What all runs of a scenario came to."""

    scenario: Scenario
    runs: int = 0
    ends: Counter[str] = field(default_factory=Counter)
    states: set[str] = field(default_factory=set)
    histories: dict[str, History] = field(default_factory=dict)
    """Those that ask a store for different things; what differs only beside the store counts once."""
    shortest_wrong: Run | None = None
    wrongs: Counter[str] = field(default_factory=Counter)

    def add(self, each: Run) -> None:
        """Take in a run."""
        self.runs += 1
        self.ends[each.end] += 1
        self.states.add(each.state)
        self.histories.setdefault(key_of(each.history), each.history)
        if not each.wrongs:
            return
        self.wrongs.update(each.wrongs)
        if self.shortest_wrong is None or len(each.history) < len(self.shortest_wrong.history):
            self.shortest_wrong = each

    def report(self) -> str:
        """Return the shortest history that went wrong, to be read; empty where none did."""
        if self.shortest_wrong is None:
            return ""
        wrong = "\n".join(self.shortest_wrong.wrongs)
        return f"{self.scenario.name}:\n{wrong}\nafter\n{shown(self.shortest_wrong.history)}"


def runs(
    scenario: Scenario, *, prune: bool = True, limit: int = LIMIT, mutate: Callable[[Stage], None] | None = None
) -> Iterator[Run]:
    """Try all orders. Raises :class:`tests.frontend.interleaving.TooMany` where there are more than ``limit``."""
    with _quiet():
        yield from explore(lambda choices: run(scenario, choices, prune=prune, mutate=mutate), limit=limit)


def explored(scenario: Scenario, *, prune: bool = True, limit: int = LIMIT) -> Explored:
    """Try all orders, and return what they came to."""
    found = Explored(scenario)
    for each in runs(scenario, prune=prune, limit=limit):
        found.add(each)
    return found


@contextmanager
def _quiet() -> Iterator[None]:
    """The use cases log what they meet; thousands of runs would drown in it."""
    before = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        yield
    finally:
        logging.disable(before)
