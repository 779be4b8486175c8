"""Explores all scenarios, writes down how many orders each has, and says what is not as it should be."""

from __future__ import annotations

from tests.explorer import known
from tests.explorer.exploring import Explored, explored
from tests.explorer.scenarios import ALL


def main() -> None:
    """Run with the project on the path: `PYTHONPATH=src:. python -m tests.explorer`."""
    counts = {}
    histories = 0
    for case in ALL:
        found = explored(case.scenario)
        counts[case.scenario.name] = found.runs
        histories += len(found.histories)
        print(f"{found.runs:>6} orders, {len(found.histories):>6} histories  {case.scenario.name}")
        _complain(found, case.ends)
    known.write(counts)
    print(f"{sum(counts.values()):>6} orders, {histories:>6} histories in all")


def _complain(found: Explored, ends: frozenset[str]) -> None:
    for end in sorted(ends ^ set(found.ends)):
        print(f"        {'unexpected' if end in found.ends else 'never comes'}: {end}")
    if found.shortest_wrong is not None:
        print(found.report())


if __name__ == "__main__":
    main()
