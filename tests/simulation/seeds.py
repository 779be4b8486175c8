"""Many seeds, in several processes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from multiprocessing import get_context

from tests.simulation.decisions import Seeded
from tests.simulation.faults import Fault
from tests.simulation.run import simulate

CHUNK = 25

Outcome = tuple[int, tuple[Fault, ...]]
"""A seed, and what was wrong; nothing if all was right."""


def run_seed(seed: int) -> Outcome:
    """Do one run."""
    return seed, simulate(Seeded(seed), seed).faults


def run_seeds(seeds: Sequence[int], jobs: int) -> Iterator[Outcome]:
    """Yield the outcome of each seed, in any order."""
    if jobs < 2:
        yield from map(run_seed, seeds)
        return
    with get_context("forkserver").Pool(jobs) as pool:
        yield from pool.imap_unordered(run_seed, seeds, CHUNK)


def first_failing(seeds: Iterable[int]) -> Outcome | None:
    """Return the first seed that fails."""
    failing = (outcome for outcome in map(run_seed, seeds) if outcome[1])
    return next(islice(failing, 1), None)
