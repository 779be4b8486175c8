"""A failing seed is told as a short history that can be done again."""

from __future__ import annotations

import json
import shlex

import pytest

from tests.simulation.__main__ import main
from tests.simulation.decisions import Scripted, Seeded
from tests.simulation.mutations import ALL
from tests.simulation.report import report
from tests.simulation.run import simulate
from tests.simulation.seeds import first_failing
from tests.simulation.shrink import shorten

MUTATION = ALL["cancels end at once"]


def _failing() -> int:
    failed = first_failing(range(50))
    assert failed is not None
    return failed[0]


@pytest.mark.slow
def test_a_history_is_shortened_as_long_as_it_breaks_the_same_rule() -> None:
    with MUTATION():
        seed = _failing()
        result = simulate(Seeded(seed), seed)
        script = shorten(result, seed)
        again = simulate(Scripted(script), seed)
    assert again.faults[0].rule == result.faults[0].rule
    assert again.decisions == script
    assert len(script) < 20 < len(result.decisions)


def test_no_more_runs_are_made_than_allowed() -> None:
    with MUTATION():
        seed = _failing()
        result = simulate(Seeded(seed), seed)
        assert shorten(result, seed, most_runs=0) == result.decisions


@pytest.mark.slow
def test_a_report_tells_how_to_see_it_again(capsys: pytest.CaptureFixture[str]) -> None:
    with MUTATION():
        seed = _failing()
        lines = list(report(seed, most_runs=300))
        command = next(line for line in lines if "--script" in line)
        _, _, arguments = command.partition("tests.simulation ")
        assert main(shlex.split(arguments)) == 1
    told = capsys.readouterr().out
    assert "JUDGE" in told
    assert simulate(Scripted(json.loads(shlex.split(arguments)[-1])), seed).faults == ()


def test_a_seed_that_is_right_has_nothing_to_report() -> None:
    assert list(report(0)) == ["seed 0 is right"]


@pytest.mark.slow
def test_seeds_are_counted_and_those_that_fail_are_reported(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--seeds", "5", "--jobs", "1"]) == 0
    assert "5 seeds" in capsys.readouterr().out
    with MUTATION():
        assert main(["--first", str(_failing()), "--seeds", "1", "--jobs", "1"]) == 1
    assert "See it again with" in capsys.readouterr().out
