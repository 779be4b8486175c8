"""The memory adapters' data structures, held against the plainest ones that do the same."""

from collections.abc import Callable
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from adapters.memory.ranked import RankedMap
from adapters.memory.sorted_keys import SortedKeys

KEYS = st.sampled_from("abcdefgh")
RANKS = st.integers(0, 9)
NUMBERS = st.integers(0, 30)

Change = tuple[Any, ...]
ranked_changes = st.lists(
    st.tuples(st.just("set"), KEYS, RANKS)
    | st.tuples(st.just("discard"), KEYS)
    | st.tuples(st.just("pop_up_to"), RANKS)
    | st.tuples(st.just("first"))
)


@given(ranked_changes)
def test_a_ranked_map_is_a_dict_that_is_searched_for_its_lowest_rank(changes: list[Change]) -> None:
    ranked: RankedMap[str, int] = RankedMap()
    plain: dict[str, int] = {}
    for kind, *arguments in changes:
        by_rank = sorted(plain, key=lambda key: (plain[key], key))
        if kind == "set":
            ranked.set(*arguments)
            plain[arguments[0]] = arguments[1]
        elif kind == "discard":
            ranked.discard(*arguments)
            plain.pop(arguments[0], None)
        elif kind == "pop_up_to":
            expected = [key for key in by_rank if plain[key] <= arguments[0]]
            assert ranked.pop_up_to(arguments[0]) == expected
            for key in expected:
                del plain[key]
        else:
            assert ranked.first() == ((by_rank[0], plain[by_rank[0]]) if by_rank else None)
        assert len(ranked) == len(plain)
    assert {key: ranked.get(key) for key in "abcdefgh" if key in ranked} == plain
    assert ranked.lowest(3) == sorted(plain, key=lambda key: (plain[key], key))[:3]


def test_a_ranked_map_forgets_what_was_overtaken() -> None:
    ranked: RankedMap[str, int] = RankedMap()
    for number in range(10_000):
        ranked.set("moves", number)
        ranked.set("stays", -1)
    assert len(ranked._heap) < 100


@given(st.lists(st.tuples(st.booleans(), NUMBERS)), st.none() | NUMBERS, st.integers(0, 5))
def test_sorted_keys_are_a_set_that_is_sorted_when_asked(
    changes: list[tuple[bool, int]], key: int | None, limit: int
) -> None:
    keys: SortedKeys[int] = SortedKeys()
    plain: set[int] = set()
    for is_add, number in changes:
        change: Callable[[int], None] = keys.add if is_add else keys.discard
        change(number)
        (plain.add if is_add else plain.discard)(number)
    assert [number for number in range(31) if number in keys] == sorted(plain)
    assert keys.behind(key, limit) == [number for number in sorted(plain) if key is None or number > key][:limit]
    assert list(keys.downwards(key)) == [
        number for number in sorted(plain, reverse=True) if key is None or number < key
    ]
