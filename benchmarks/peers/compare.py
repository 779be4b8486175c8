"""The service beside other queues on Redis, each with a job that does nothing."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path

from benchmarks.peers.contestants import Contestant
from benchmarks.peers.environments import ROOT, CannotInstall, environment, version
from benchmarks.peers.floor import floor
from benchmarks.peers.measure import measure
from benchmarks.peers.ours import ours
from benchmarks.peers.peer import LEFT, peer
from benchmarks.report import show_json, show_table
from benchmarks.spread import Spread, spreads

OURS = "dms-scheduler"
NO_SLOWER_THAN = "saq"
FLOOR = "HTTP alone"
ENVIRONMENTS = ROOT / ".venv-peers"


def peers(
    *,
    tasks: int = 2000,
    concurrency: int = 16,
    rounds: int = 5,
    workers: int = 1,
    environments: Path = ENVIRONMENTS,
) -> int:
    """Compare throughput and processor time per task with SAQ, arq and Celery.

    Each has a Redis server and worker processes of its own, and a client in another process. Rounds alternate between
    all. The service gets bare submits over HTTP of tasks whose records are written already, as dms-frontend does, and
    runs the placeholder of 0 s; the peers' clients write their jobs into Redis themselves. A round has ended when Redis
    holds the end of each task, and then the ends are checked one by one. The peers' versions are those of
    benchmarks/peers/requirements-*.txt; how each is set up stands in benchmarks/peers/with_*.py. Beside them stands
    what HTTP alone costs: one process of Litestar whose handler reads a submit and answers it (floor.py). Exits with 2
    where a peer cannot be installed.

    Args:
        tasks: How many in each round.
        concurrency: How many are enqueued at a time, and how many each worker process runs at once.
        rounds: How many of each.
        workers: Processes.
        environments: Where the peers' virtual environments are made, and kept.
    """
    try:
        interpreters = {name: environment(name, environments) for name in LEFT}
    except CannotInstall as missing:
        print(missing, file=sys.stderr)
        return 2
    with ExitStack() as stack:
        contestants: dict[str, Contestant] = {OURS: stack.enter_context(ours(workers, concurrency))}
        for name, python in interpreters.items():
            contestants[name] = stack.enter_context(peer(name, python, workers, concurrency))
        contestants[FLOOR] = stack.enter_context(floor())
        for each in contestants.values():
            measure(each, max(100, tasks // 10), concurrency)  # what is done only once
        done = [[measure(each, tasks, concurrency) for each in contestants.values()] for _ in range(rounds)]
    found = dict(zip(contestants, map(spreads, zip(*done, strict=True)), strict=True))
    asked = {"tasks": tasks, "concurrency": concurrency, "rounds": rounds, "workers": workers}
    return show(asked, found)


def show(asked: Mapping[str, int], found: Mapping[str, Mapping[str, Spread]]) -> int:
    """Print what was found, and return the exit code."""
    versions = {name: version(name) for name in LEFT}
    headings = ("", "tasks/s", "CPU ms/task", "of Redis", "of the client", "idle, ms/s")
    rows = [(f"{name} {versions.get(name, '')}".strip(), *map(str, each.values())) for name, each in found.items()]
    title = (
        "{rounds} rounds of {tasks} tasks, {concurrency} at a time, worker processes: {workers}; median (least to most)"
    )
    show_table(title.format(**asked), headings, rows)
    within = found[OURS]["tasks_per_s"].middle >= found[NO_SLOWER_THAN]["tasks_per_s"].middle
    print(f"Bound: no fewer tasks/s than {NO_SLOWER_THAN}: {'kept' if within else 'EXCEEDED'}.")
    figures = {name: {what: spread.as_json() for what, spread in each.items()} for name, each in found.items()}
    show_json({"benchmark": "peers", **asked, "versions": versions, "found": figures, "within_bound": within})
    return 0 if within else 1
