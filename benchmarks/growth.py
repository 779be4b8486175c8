"""What each operation costs with few and with very many tasks waiting."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Sequence
from pathlib import Path
from statistics import median

from benchmarks.beside_crowds import Beside, measure
from benchmarks.crowds import LOG_LINES, crowds
from benchmarks.report import show_json, show_table
from benchmarks.spread import Spread, percentile

MOST_GROWTH = 1.5
MOST_BLOCKED_US = 5000.0
MOST_BYTES = 2048
"""In Redis for each task that waits, beside its record."""


def growth(
    *,
    sizes: Sequence[int] = (1_000, 10_000, 100_000, 1_000_000),
    samples: int = 20,
    rounds: int = 5,
    beside: int = 10_000,
) -> int:
    """Measure submit, claim, priority change, cancel, a task's view, why it waits, overview and listing beside crowds.

    Crowds of each size wait, of 1 and of 10,000 users, each on a Redis server of its own, and rounds alternate between
    them. Beside the smallest crowd come variants: blocked users (ten times ``beside``), tasks at work, and records with
    many log lines (``beside`` each). Redis' time is its own account, from its slow log; what an operation costs, and
    may not grow, is all that it takes from call to return: the scheduler's work, Redis' and the way between.

    Args:
        sizes: How many tasks wait.
        samples: Operations of a kind in one round.
        rounds: How many.
        beside: How large the variants are.
    """
    with tempfile.TemporaryDirectory(prefix="dms-benchmark-") as directory:
        found = asyncio.run(measure(crowds(sizes, beside), Path(directory), samples, rounds))
    names = list(found[0].costs)
    _show("Redis' own time for one operation, in us: median of the rounds", found, names, of_redis=True)
    _show("The same from call to return", found, names, of_redis=False)
    grown = {name: _growth(found, name) for name in names}
    # What a command takes with a record of very many log lines is shown, and is a matter of its size.
    usual = [each for each in found if each.crowd.log_lines == LOG_LINES]
    longest = sorted(length for each in usual for cost in each.costs.values() for length in cost.longest)
    size = found[[each.crowd.waiting for each in found].index(max(sizes))].bytes_per_task
    blocked = percentile(longest, 0.999)
    within = max(grown.values()) < MOST_GROWTH and blocked <= MOST_BLOCKED_US and size <= MOST_BYTES
    print(f"From {min(sizes):,} to {max(sizes):,}: {', '.join(f'{name} x{much:.2f}' for name, much in grown.items())}.")
    print(f"The longest command took Redis {longest[-1]:.0f} us; 999 of 1,000 took at most {blocked:.0f} us.")
    print(f"A task that waits takes {size:.0f} bytes in Redis beside its record.")
    bounds = f"growth {MOST_GROWTH}, {MOST_BLOCKED_US:.0f} us, {MOST_BYTES} bytes"
    print(f"Bounds: {bounds}: {'kept' if within else 'EXCEEDED'}.")
    asked = {"sizes": list(sizes), "samples": samples, "rounds": rounds, "beside": beside}
    figures = {"growth": grown, "longest_us": longest[-1], "longest_usually_us": blocked, "bytes_per_task": size}
    show_json({"benchmark": "growth", **asked, "found": _as_json(found), **figures, "within_bounds": within})
    return 0 if within else 1


def _growth(found: Sequence[Beside], name: str) -> float:
    """Return how much dearer an operation is beside the largest crowd than beside the smallest one of as many users."""
    plain = sorted((each for each in found if each.crowd.is_plain), key=lambda each: each.crowd.waiting)
    times: dict[int, list[float]] = {}
    for each in plain:
        times.setdefault(each.crowd.users, []).append(median(each.costs[name].wall))
    return max(of_users[-1] / of_users[0] for of_users in times.values())


def _show(title: str, found: Sequence[Beside], names: Sequence[str], *, of_redis: bool) -> None:
    rows = [
        (str(each.crowd), *(round(median(cost.redis if of_redis else cost.wall)) for cost in each.costs.values()))
        for each in found
    ]
    show_table(title, ("waiting", *names), rows)


def _as_json(found: Sequence[Beside]) -> dict[str, object]:
    return {
        str(each.crowd): {
            name: {"redis_us": Spread(cost.redis).as_json(), "wall_us": Spread(cost.wall).as_json()}
            for name, cost in each.costs.items()
        }
        for each in found
    }
