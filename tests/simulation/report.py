"""What is printed of a seed that failed: what was wrong, the shortened history, and how to see it again."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from tests.simulation.decisions import Scripted, Seeded
from tests.simulation.run import Result, simulate
from tests.simulation.shrink import MOST_RUNS, shorten


def report(seed: int, most_runs: int = MOST_RUNS) -> Iterator[str]:
    """Yield the lines of a report on a seed that fails."""
    result = simulate(Seeded(seed), seed)
    if not result.faults:
        yield f"seed {seed} is right"
        return
    script = shorten(result, seed, most_runs)
    yield f"seed {seed} breaks a rule: {result.faults[0]}"
    yield ""
    yield f"The shortest history found has {len(script)} decisions in place of {len(result.decisions)}:"
    yield from history(simulate(Scripted(script), seed, tell=True))
    yield ""
    yield "See it again with"
    yield f"    python -m tests.simulation --replay {seed} --script '{as_text(script)}'"
    yield "or all of the seed with"
    yield f"    python -m tests.simulation --replay {seed}"


def history(result: Result) -> Iterator[str]:
    """Yield what was decided, and what happened."""
    yield from (f"    {question}: {answer}" for question, answer in result.decisions.items())
    yield ""
    yield from (f"    {line}" for line in result.story)
    yield ""
    yield from (f"    {fault}" for fault in result.faults)


def as_text(script: Mapping[str, int]) -> str:
    """Return a script as ``--script`` takes it."""
    return json.dumps(dict(script))
