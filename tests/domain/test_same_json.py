import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.admission import same_json
from domain.testing import json_values


@given(json_values())
def test_a_value_is_the_same_as_itself_after_a_round_trip(value: object) -> None:
    assert same_json(value, json.loads(json.dumps(value)))


@given(st.dictionaries(st.text(max_size=4), json_values(), max_size=4))
def test_the_order_of_keys_says_nothing(value: dict[str, object]) -> None:
    assert same_json(value, dict(reversed(value.items())))


@given(json_values(), json_values())
def test_it_is_symmetric_and_as_strict_as_equality(left: object, right: object) -> None:
    assert same_json(left, right) == same_json(right, left)
    assert same_json([left], [right]) == same_json({"a": left}, {"a": right}) == same_json(left, right)
    if same_json(left, right):
        assert left == right


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (True, 1),
        (False, 0),
        (True, 1.0),
        ({"a": [True]}, {"a": [1]}),
        ({"a": {"b": 0}}, {"a": {"b": False}}),
        ([], {}),
        ([], None),
        ("", None),
        ("1", 1),
        ([1, 2], [2, 1]),
        ([1], [1, 1]),
        ({"a": None}, {}),
        (2**63, 2**63 + 1),
        (9007199254740993, 9007199254740992.0),
    ],
)
def test_these_differ(left: object, right: object) -> None:
    assert not same_json(left, right)
    assert not same_json(right, left)


@pytest.mark.parametrize(("left", "right"), [(1, 1.0), (True, True), (None, None), (-0.0, 0), ([1.0, {}], [1, {}])])
def test_these_are_the_same(left: object, right: object) -> None:
    assert same_json(left, right)


def nest(levels: int, inmost: object) -> object:
    value = inmost
    for _ in range(levels):
        value = [{"a": value}]
    return value


def test_depth_is_no_error() -> None:
    assert same_json(nest(50_000, 1), nest(50_000, 1.0))
    assert not same_json(nest(50_000, 1), nest(50_000, True))
