"""The measurements that README and issues refer to can be repeated, and end as they say."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from benchmarks.peers.compare import show
from benchmarks.peers.measure import Round
from benchmarks.spread import spreads
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


@pytest.mark.slow
def test_the_cost_of_operations_is_measured_beside_crowds() -> None:
    arguments = ("--sizes", "100", "--sizes", "400", "--samples", "3", "--rounds", "1", "--beside", "100")
    result = benchmark("growth", *arguments, codes=(0, 1))  # 1: the bounds are for quiet machines
    assert set(result["growth"]) >= {"submit", "claim", "priority change", "cancel"}
    assert 200 < result["bytes_per_task"] <= 2048
    assert "100 of 1 users, 1,000 users blocked" in result["found"]


@pytest.mark.slow
def test_a_start_is_measured_until_the_first_claim() -> None:
    result = benchmark("recover", "--waiting", "200", "--running", "60", "--rounds", "1")
    assert result["found"]["the other is gone"]["taken_over_s"]["median"] > 0
    assert 0 < result["found"]["the other is at work"]["first_claim_s"]["median"] < 5


@pytest.mark.slow
def test_idleness_is_measured() -> None:
    result = benchmark("idle", "--seconds", "1", "--waiting", "100", codes=(0, 1))
    assert set(result["found"]) == {"no tasks", "100 waiting"}


@pytest.mark.slow
def test_a_peer_that_cannot_be_installed_is_named(tmp_path: Path) -> None:
    no_packages = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(tmp_path), "PIP_CONFIG_FILE": os.devnull}
    ended = subprocess.run(
        [sys.executable, "-m", "benchmarks", "peers", "--environments", str(tmp_path / "environments")],
        cwd=ROOT,
        env=environment(no_packages),
        capture_output=True,
        text=True,
        timeout=LONG_S,
        check=False,
    )
    assert ended.returncode == 2
    assert "saq cannot be installed" in ended.stderr
    assert not (tmp_path / "environments" / "saq" / "installed.txt").exists()


@pytest.mark.parametrize(("ours", "saq", "code"), [(2.0, 1.0, 0), (1.0, 1.0, 0), (1.0, 2.0, 1)])
def test_the_service_may_not_be_slower_than_saq(
    ours: float, saq: float, code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    found = {name: spreads([Round(figure, 1, 1, 1, 1)]) for name, figure in (("dms-scheduler", ours), ("saq", saq))}
    assert show({"tasks": 1, "concurrency": 1, "rounds": 1, "workers": 1}, found) == code
    assert json.loads(capsys.readouterr().out.splitlines()[-1])["within_bound"] is (code == 0)


@pytest.mark.slow
def test_the_service_copies_what_its_movers_copy() -> None:
    require_program("rsync")
    # 1: with trees so small, what does not depend on their size is most of it.
    result = benchmark("movers", "--large-mib", "1", "--small", "50", "--mixed", "50", "--rounds", "1", codes=(0, 1))
    assert set(result["seconds"]) == {"one large file", "small files", "mixed tree"}
    assert all(len(of_tree) == 6 for of_tree in result["seconds"].values())
    assert len(result["ratios"]) == 18
