"""The measurements that README and issues refer to can be repeated, and end as they say."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from typing import Any

import pytest

from tests.cli.program import LONG_S, ROOT, environment
from tests.support.needs import require_program


def benchmark(*arguments: str, codes: Sequence[int] = (0,)) -> dict[str, Any]:
    """Run one that ends with one of these codes, and return its result."""
    require_program("redis-server")
    ended = subprocess.run(
        [sys.executable, "-m", "benchmarks", *arguments],
        cwd=ROOT,
        env=environment({}),
        capture_output=True,
        text=True,
        timeout=LONG_S,
        check=False,
    )
    assert ended.returncode in codes, ended.stdout + ended.stderr
    result: dict[str, Any] = json.loads(ended.stdout.splitlines()[-1])
    return result


def test_without_a_command_all_are_listed() -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "benchmarks"],
        cwd=ROOT,
        env=environment({}),
        capture_output=True,
        text=True,
        timeout=LONG_S,
        check=True,
    )
    assert "redis-cost" in ended.stdout
    assert "frontend-burst" in ended.stdout


@pytest.mark.slow
def test_a_quick_task_keeps_within_its_cost_in_redis() -> None:
    result = benchmark("redis-cost", "--tasks", "200")
    assert 0 < result["commands_per_task"] <= 40
    assert 3 <= result["round_trips_per_task"] <= 6
    assert result["not_completed"] == 0


@pytest.mark.slow
def test_tasks_are_brought_home_from_bare_submits_and_from_frontends() -> None:
    result = benchmark(
        "end-to-end", "--tasks", "100", "--rounds", "1", codes=(0, 1)
    )  # 1: the bound is for quiet machines
    assert set(result["found"]) == {"bare submits", "through frontends"}
    assert all(figures["tasks_per_s"]["least"] > 0 for figures in result["found"].values())


@pytest.mark.slow
def test_submits_are_all_taken() -> None:
    result = benchmark("submit", "--tasks", "100", "--rounds", "1")
    assert set(result["found"]) == {"1", "16", "64"}


@pytest.mark.slow
def test_every_record_is_right_after_a_burst() -> None:
    result = benchmark("frontend-burst", "--tasks", "200")
    assert (result["right"], result["wrong"]) == (200, 0)
