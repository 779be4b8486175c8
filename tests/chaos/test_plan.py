"""The same seed makes the same errands and the same plan of faults."""

import random
from collections import Counter
from pathlib import Path

from tests.chaos.errands import MOVING, Errand, make_errands, place_of
from tests.chaos.plan import FULL, QUIET_S, Fault, Kind, make_plan
from tests.chaos.shape import Shape
from tests.chaos.trees import Trees, differences, leftovers

SHAPE = Shape(tasks=400, movers=8)


def errands(seed: int, root: Path) -> list[Errand]:
    trees = Trees(root)
    trees.plant(random.Random(seed))
    return make_errands(random.Random(seed), SHAPE, trees)


def plan(seed: int) -> list[Fault]:
    return make_plan(random.Random(seed), SHAPE, FULL, 3)


def test_a_plan_follows_from_its_seed_and_has_all_that_is_wanted() -> None:
    assert plan(1) == plan(1) != plan(2)
    assert Counter(fault.kind for fault in plan(1)) == FULL
    assert all(QUIET_S <= fault.at_s <= SHAPE.span_s for fault in plan(1))
    store_lease_s = SHAPE.lease_s + SHAPE.kill_grace_s
    assert all(fault.lasts_s < SHAPE.lease_s for fault in plan(1) if fault.kind is Kind.FREEZE)
    assert all(fault.lasts_s > store_lease_s for fault in plan(1) if fault.kind is Kind.FREEZE_LONG)


def test_at_least_twenty_schedulers_are_killed() -> None:
    assert FULL[Kind.KILL] >= 20


def test_errands_follow_from_their_seed_and_each_has_a_place_of_its_own(tmp_path: Path) -> None:
    one, same, other = (errands(seed, tmp_path / where) for seed, where in ((1, "a"), (1, "b"), (2, "c")))
    bare = [(errand.at_s, errand.service, errand.user_id, errand.cancel_after_s) for errand in one]
    assert bare == [(errand.at_s, errand.service, errand.user_id, errand.cancel_after_s) for errand in same]
    assert bare != [(errand.at_s, errand.service, errand.user_id, errand.cancel_after_s) for errand in other]
    assert len({place_of(errand.parameters) for errand in one}) == SHAPE.tasks
    assert sum(errand.service in MOVING for errand in one) == SHAPE.movers
    assert any(errand.cancel_after_s is not None for errand in one)
    assert any(errand.other_priority_after_s is not None for errand in one)


def test_a_copy_is_compared_file_by_file(tmp_path: Path) -> None:
    source, target = tmp_path / "source", tmp_path / "target"
    for tree in (source, target):
        (tree / "d").mkdir(parents=True)
        (tree / "d" / "f1").write_bytes(b"1")
    assert differences(source, target) == []
    (target / "d" / ".f1.aB3xYz").touch()
    (target / "d" / "f1.1234abcd.partial").touch()
    assert differences(source, target) == []
    assert leftovers(target) == ["d/.f1.aB3xYz", "d/f1.1234abcd.partial"]
    (target / "d" / "f1").write_bytes(b"2")
    (source / "f2").touch()
    (target / "other").touch()
    assert differences(source, target) == ["d/f1 differs", "f2 differs", "other differs"]
