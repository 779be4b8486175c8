"""Whether restarts of Redis cost anything: tasks that were accepted, or records that are right."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path

from benchmarks.report import show_json, show_table
from tests.chaos.judge import Wrong
from tests.chaos.plan import RESTARTS
from tests.chaos.report import MOST_SHOWN, counts
from tests.chaos.run import Result, run
from tests.chaos.shape import Shape


def redis_restarts(*, tasks: int = 2000, seconds: float = 60.0, seed: int = 1) -> int:
    """Restart Redis (append-only file, synced every second) 10 times during tasks, and count what went wrong.

    Three schedulers, processes of their own, work behind one address; users submit through stand-ins for dms-frontend.
    Redis is ended five times by SIGTERM and five times by SIGKILL, and is away for up to a second each time. All tasks
    must end right, and none may be missing whose submit was answered 202.

    Args:
        tasks: How many.
        seconds: Over how long they are submitted.
        seed: Chooses when Redis is restarted, and what users do.
    """
    shape = Shape(tasks=tasks, movers=tasks // 20, span_s=seconds)
    with tempfile.TemporaryDirectory(prefix="dms-benchmark-") as directory:
        result = asyncio.run(run(seed, shape, RESTARTS, Path(directory)))
    return _show(result, tasks)


def _show(result: Result, tasks: int) -> int:
    restarts = sum(result.faults.values())
    every = counts(result)
    rows = [(name, every[name]) for name in ("registered", "accepted", "terminal", *map(str, Wrong))]
    show_table(f"{restarts} restarts of Redis during {tasks} tasks, in {result.seconds:.1f} s", ("tasks", "n"), rows)
    for finding in result.findings[:MOST_SHOWN]:
        print(finding)
    within = result.is_right and every["accepted"] == every["terminal"] and restarts == sum(RESTARTS.values())
    show_json(
        {
            "benchmark": "redis-restarts",
            "tasks": tasks,
            "restarts": restarts,
            "seconds": round(result.seconds, 3),
            **dict(rows),
            "within_bounds": within,
        }
    )
    return 0 if within else 1
