"""Looking for a seed that a mutation makes fail."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from multiprocessing import get_context

from tests.simulation.mutations.catalogue import ALL
from tests.simulation.mutations.patching import Mutation
from tests.simulation.seeds import first_failing

MOST_SEEDS = 4000
"""The shyest of them are caught after some hundred seeds, now sooner and now later, as the product changes."""

Found = tuple[int, str]
"""After how many seeds it was caught, and which rule was broken."""


def hunt(name: str) -> Found | None:
    """Return how a mutation was caught, None where it was not."""
    with ALL[name]():
        failed = first_failing(range(MOST_SEEDS))
    return None if failed is None else (failed[0] + 1, failed[1][0].rule)


def hunt_all(mutations: Mapping[str, Mutation], jobs: int) -> Iterator[tuple[str, Found | None]]:
    """Yield each mutation and how it was caught."""
    with get_context("forkserver").Pool(jobs) as pool:
        yield from zip(mutations, pool.imap(hunt, mutations), strict=True)
