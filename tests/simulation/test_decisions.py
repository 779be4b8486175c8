"""A run follows from its decisions, and from nothing else."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from tests.simulation.decisions import Scripted, Seeded
from tests.simulation.run import Result, simulate

SEEDS = range(8)

TOLD = """
import sys
from tests.simulation.decisions import Seeded
from tests.simulation.run import simulate
for seed in map(int, sys.argv[1:]):
    print("\\n".join(simulate(Seeded(seed), seed, tell=True).story))
"""


def _story(seed: int) -> Result:
    return simulate(Seeded(seed), seed, tell=True)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_run_can_be_done_again_from_its_decisions(seed: int) -> None:
    first = _story(seed)
    again = simulate(Scripted(first.decisions), seed, tell=True)
    assert again.story == first.story
    assert again.decisions == first.decisions
    assert len(first.story) > 50


def test_two_seeds_are_two_stories() -> None:
    assert len({_story(seed).story for seed in SEEDS}) == len(SEEDS)


@pytest.mark.slow
def test_a_run_is_the_same_in_another_process_whatever_the_order_of_its_sets() -> None:
    told = [
        subprocess.run(
            [sys.executable, "-c", TOLD, *map(str, range(40))],
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "PYTHONHASHSEED": hash_seed},
            check=True,
            capture_output=True,
            text=True,
        ).stdout
        for hash_seed in ("1", "77")
    ]
    assert told[0] == told[1]


def test_plain_decisions_are_a_plain_run() -> None:
    plain = simulate(Scripted({}), 0, tell=True)
    assert not plain.faults
    assert not plain.decisions
    assert any("1: completed" in line for line in plain.story)
