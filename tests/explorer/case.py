"""A scenario and what is known of it."""

from __future__ import annotations

from dataclasses import dataclass

from tests.explorer.scenario import Named, Scenario
from tests.explorer.settings import Registered, Settings

QUICK = Settings(quick=True)


@dataclass(frozen=True)
class Case:
    """A scenario, and which ends its orders lead to: all of these, and no others."""

    scenario: Scenario
    ends: frozenset[str]
    """See :attr:`tests.explorer.run.Run.end`."""


def case(
    name: str,
    ends: set[str],
    *actors: Named,
    before: tuple[Named, ...] = (),
    tasks: tuple[Registered, ...] = (Registered(),),
    settings: Settings = QUICK,
    loses: str = "",
) -> Case:
    """Write a case in one call."""
    scenario = Scenario(name=name, actors=actors, before=before, tasks=tasks, settings=settings, loses=loses)
    return Case(scenario, frozenset(ends))
