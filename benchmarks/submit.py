"""How fast submits are answered, and what each costs the service."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass

from benchmarks.loads import PARAMETERS, register
from benchmarks.processor_time import processor_seconds
from benchmarks.report import show_json, show_table
from benchmarks.service import HOST, Measured, measured_service
from benchmarks.spread import percentile, spreads
from benchmarks.submitter import submit_all

CONCURRENCIES = (1, 16, 64)
SETTLE_S = 1.0


@dataclass(frozen=True, slots=True)
class Round:
    """One round's figures at one concurrency."""

    per_s: float
    p50_ms: float
    p99_ms: float
    cpu_ms: float
    """Of the service's processes, per submit: the reconciling of the record that it wrote is a part of it."""


def submit(*, tasks: int = 2000, rounds: int = 5) -> int:
    """Measure submits per second, their times, and processor time per submit, at concurrency 1, 16 and 64.

    Nothing is run meanwhile: the service has one slot, whose task takes an hour. Rounds of the three alternate.

    Args:
        tasks: How many submits in each round.
        rounds: How many at each concurrency.
    """
    with measured_service(DMS_SLOTS="1", DMS_PLACEHOLDER_SECONDS="3600") as service:
        _round(service, max(100, tasks // 10), max(CONCURRENCIES))  # what is done only once
        done = [[_round(service, tasks, each) for each in CONCURRENCIES] for _ in range(rounds)]
    found = {each: spreads(of_each) for each, of_each in zip(CONCURRENCIES, zip(*done, strict=True), strict=True)}
    headings = ("concurrency", "submits/s", "p50 ms", "p99 ms", "CPU ms/submit")
    rows = [(str(number), *map(str, each.values())) for number, each in found.items()]
    show_table(f"{rounds} rounds of {tasks} submits: median (least to most)", headings, rows)
    figures = {str(number): {what: spread.as_json() for what, spread in each.items()} for number, each in found.items()}
    show_json({"benchmark": "submit", "tasks": tasks, "rounds": rounds, "found": figures})
    return 0


def _round(service: Measured, tasks: int, concurrency: int) -> Round:
    ids = asyncio.run(register(service, tasks))
    time.sleep(SETTLE_S)
    cpu = processor_seconds(service.process_id)
    submits = asyncio.run(submit_all(HOST, service.port, ids, PARAMETERS, concurrency))
    time.sleep(SETTLE_S)
    used = processor_seconds(service.process_id) - cpu
    if submits.refused:
        raise RuntimeError(f"{submits.refused} submits were refused")
    p50, p99 = (1000 * percentile(submits.waits_s, share) for share in (0.5, 0.99))
    return Round(tasks / submits.seconds, p50, p99, 1000 * used / tasks)
