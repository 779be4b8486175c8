"""Every order of every scenario keeps what design §4 promises, and Redis answers to each just as memory does."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.explorer import known
from tests.explorer.case import Case
from tests.explorer.exploring import Explored, explored
from tests.explorer.redis_store import redis_place
from tests.explorer.replay import difference
from tests.explorer.scenarios import ALL

MOST_REPLAYED = 300
"""Of a scenario with more histories every second, third, ... is replayed; of the others, all are."""

MOST_FAST = 50
"""A scenario with more orders is slow."""

ORDERS = known.interleavings()


def _parameter(case: Case) -> object:
    name = case.scenario.name
    is_slow = ORDERS.get(name, 0) > MOST_FAST
    marks = [pytest.mark.xdist_group(name), *([pytest.mark.slow] if is_slow else [])]
    return pytest.param(case, id=name, marks=marks)


@pytest.fixture(scope="module", params=[_parameter(case) for case in ALL])
def case(request: pytest.FixtureRequest) -> Case:
    found = request.param
    assert isinstance(found, Case)
    return found


@pytest.fixture(scope="module")
def found(case: Case) -> Explored:
    """All orders; the tests of one scenario share them."""
    return explored(case.scenario)


def test_every_order_keeps_what_is_promised(found: Explored) -> None:
    assert not found.wrongs, found.report()


def test_the_ends_are_those_that_may_be(case: Case, found: Explored) -> None:
    assert set(found.ends) == case.ends


def test_no_order_is_left_out(case: Case, found: Explored) -> None:
    assert found.runs == ORDERS[case.scenario.name], (
        "where a use case asks its store otherwise now: python -m tests.explorer"
    )


async def test_redis_answers_the_same(found: Explored, redis_url: str) -> None:
    every = -(-len(found.histories) // MOST_REPLAYED)
    async with redis_place(redis_url) as place:
        for history in list(found.histories.values())[::every]:
            await place.empty()
            differs = await difference(history, place.stores)
            assert not differs, differs


def test_each_scenario_has_a_name_of_its_own() -> None:
    names = Counter(case.scenario.name for case in ALL)
    assert set(names.values()) == {1}
    assert names.keys() == ORDERS.keys()
