"""The placeholder: moves nothing, says so, and is quick."""

from __future__ import annotations

import json

import pytest

from adapters.executors.placeholder import PlaceholderExecutor
from domain.execution import Stopped, Succeeded
from domain.ports import Execution
from tests.executors.driving import CLOCK, begin, follow, order, run, until

ODD = {"ü": [1, None, {"x": 1.5}], "path": "/etc", "options": 7}


async def test_it_says_what_it_was_given_and_that_nothing_was_moved() -> None:
    ended = await run(PlaceholderExecutor(CLOCK, 0), order("anything", ODD))
    assert isinstance(ended.outcome, Succeeded)
    assert ended.outcome.result.pod_status == "Succeeded"
    first, second = ended.output.splitlines()
    assert json.loads(first.removeprefix("Handled parameters: ")) == ODD
    assert "No data was moved" in second
    assert ended.reports == []


async def test_it_prints_the_payload(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    await run(PlaceholderExecutor(CLOCK, 0), order("anything", ODD))
    (line,) = caplog.records
    assert line.getMessage() == "placeholder payload"
    told = [getattr(line, name) for name in ("task_id", "service", "user_id", "parameters")]
    assert told == ["10", "anything", "alice", ODD]


def test_it_takes_everything() -> None:
    PlaceholderExecutor(CLOCK).check("", {})
    PlaceholderExecutor(CLOCK).check("no such service", ODD)


def test_with_no_time_to_take_the_outcome_is_there_without_waiting() -> None:
    """So that one commit tells both that it ran and how it ended."""
    start = PlaceholderExecutor(CLOCK, 0).start(order("x", {}), until())
    with pytest.raises(StopIteration) as returned:
        start.send(None)
    execution: Execution = returned.value.value
    first = execution.reports().__anext__()
    with pytest.raises(StopIteration) as told:
        first.__await__().__next__()
    assert isinstance(told.value.value, Succeeded)


async def test_stopped_before_its_end_it_says_so() -> None:
    execution = await begin(PlaceholderExecutor(CLOCK, 10_000), order("x", {}))
    await execution.stop()
    ended = await follow(execution)
    assert isinstance(ended.outcome, Stopped)
    assert "No data was moved" in ended.output
