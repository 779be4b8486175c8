"""State machines: whatever happens in whatever order, every store holds what the domain's model says."""

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import RuleBasedStateMachine
from hypothesis.stateful import run_state_machine_as_test as run_machine

from tests.stores.fail_overs import FailOverMachine
from tests.stores.harness import OpenStore
from tests.stores.rules import StoreMachine

FULL = 100
"""Examples of a property, unless a quick look is wanted."""


def play(
    machine: type[RuleBasedStateMachine], open_store: OpenStore, request: pytest.FixtureRequest, memory: int, redis: int
) -> None:
    """Play many histories: so many on memory, or so many on Redis, of each hundred that are asked for."""
    on_store = type(machine.__name__, (machine,), {"open_store": staticmethod(open_store)})
    default = settings()
    is_memory = request.node.callspec.params["open_store"] == "memory"
    run_machine(
        on_store,
        settings=settings(
            max_examples=(memory if is_memory else redis) * default.max_examples // FULL,
            stateful_step_count=60 if default.max_examples >= FULL else 30,
            suppress_health_check=[HealthCheck.too_slow],
        ),
    )


def test_a_store_holds_what_the_model_says(open_store: OpenStore, request: pytest.FixtureRequest) -> None:
    play(StoreMachine, open_store, request, memory=250, redis=60)


@pytest.mark.slow
def test_a_store_holds_what_the_model_says_over_fail_overs(
    open_store: OpenStore, request: pytest.FixtureRequest
) -> None:
    play(FailOverMachine, open_store, request, memory=100, redis=40)
