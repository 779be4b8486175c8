"""The short form: a few hundred tasks, and each kind of fault at least once."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.chaos.plan import FEW_FAIL_OVERS, SHORT, Kind
from tests.chaos.report import as_json, counts, story, table
from tests.chaos.run import Result, run
from tests.chaos.shape import Shape
from tests.support.needs import require_program

pytestmark = pytest.mark.slow


async def right_end(seed: int, shape: Shape, faults: Mapping[Kind, int], directory: Path) -> Result:
    for program in ("redis-server", "rsync"):
        require_program(program)
    result = await run(seed, shape, faults, directory)
    assert result.is_right, "\n".join([table(result), *story(result)])
    assert {kind: result.faults[kind] for kind in faults} == faults
    assert len(result.cases) >= shape.tasks  # some of which Redis may have lost as they were registered
    assert counts(result)["terminal"] == counts(result)["accepted"] > shape.tasks / 2
    return result


async def test_nothing_is_lost_and_nothing_runs_twice(tmp_path: Path) -> None:
    result = await right_end(1, Shape(tasks=250, movers=20, span_s=12.0, slowest_kbps=80, blocks=2), SHORT, tmp_path)
    assert counts(result)["registered"] >= 250
    assert counts(result)["  whose owner was lost"] > 0
    assert str(Kind.KILL) in as_json(result)


async def test_what_redis_lost_comes_back(tmp_path: Path) -> None:
    await right_end(2, Shape(tasks=200, movers=10, span_s=8.0, slowest_kbps=150, blocks=0), FEW_FAIL_OVERS, tmp_path)
