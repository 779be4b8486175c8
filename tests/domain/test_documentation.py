"""docs/property-testing.md: its example does what the page says, and its table is complete."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import Phase, settings

from domain import testing

PAGE = (Path(__file__).parents[2] / "docs" / "property-testing.md").read_text()
NO_STRATEGIES = {"COMMANDS", "EPOCH", "NEVER_GIVEN", "SERVICES", "USERS", "legal_commands", "next_command", "record_of"}


def example(program: str) -> Callable[[], None]:
    names: dict[str, Any] = {}
    exec(program, names)
    test: Callable[[], None] = names["test_the_reason_is_shown"]
    return settings(phases=[Phase.generate])(test)  # the simplest task that fails is for the reader


def test_the_example_fails_and_passes_as_the_page_says() -> None:
    (program,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    (remedy,) = re.findall(r"With `([^`]*)` the test passes", PAGE.replace("\n", " "))
    with pytest.raises(AssertionError):
        example(program)()
    example(program.replace("task.lines[-1]", remedy))()


def test_the_table_names_every_strategy_and_nothing_else() -> None:
    rows = re.findall(r"^\| (`.*?) \|", PAGE, re.MULTILINE)
    named = {name for row in rows for name in re.findall(r"`([a-z_]+)[`(]", row)}
    named -= {name for name in named if name.startswith("test_")}
    offered = {name for name in testing.__all__ if name.islower()} - NO_STRATEGIES
    assert named >= offered
    assert named <= set(testing.__all__)
