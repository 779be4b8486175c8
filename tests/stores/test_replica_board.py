"""The port `ReplicaBoard`."""

from __future__ import annotations

import pytest

from domain.drain import MOST_DRAINED, Drains, Presence, TooManyDrained
from tests.stores.harness import StoreHarness

LONG_S = 60.0
NAMES = ("node-7", "a b%c*", "이하나", '"quoted"', "all")


def presence(owner: str, replica: str = "node", **changes: int) -> Presence:
    return Presence(owner, replica, changes.get("slots", 16), changes.get("at_work", 0), draining=False)


async def test_nobody_is_there_at_first_and_nothing_is_drained(store: StoreHarness) -> None:
    assert list(await store.board.present()) == []
    assert await store.board.drains() == Drains()


async def test_those_who_are_there_are_told_by_name(store: StoreHarness) -> None:
    said = [presence("b-1", "b"), presence("a-2", "a", at_work=3), presence("a-1", "a"), presence("이%:", "c d")]
    for each in said:
        assert await store.board.announce(each, LONG_S) is False
    assert list(await store.board.present()) == [said[2], said[1], said[0], said[3]]


async def test_the_latest_word_of_a_process_stands(store: StoreHarness) -> None:
    for at_work in (1, 2):
        await store.board.announce(presence("a", at_work=at_work), LONG_S)
    assert list(await store.board.present()) == [presence("a", at_work=2)]


async def test_a_process_that_leaves_or_falls_silent_is_there_no_more(store: StoreHarness) -> None:
    for owner in ("stays", "leaves", "falls silent"):
        await store.board.announce(presence(owner), LONG_S)
    await store.board.withdraw("leaves")
    await store.board.withdraw("never was there")
    await store.silence("falls silent")
    for _ in range(2):
        assert list(await store.board.present()) == [presence("stays")]
    await store.board.announce(presence("falls silent"), LONG_S)
    assert len(await store.board.present()) == 2


async def test_drains_are_set_and_lifted_one_by_one(store: StoreHarness) -> None:
    expected = Drains()

    async def is_as_expected() -> bool:
        heard = {name: await store.board.announce(presence(name, name), LONG_S) for name in NAMES}
        return heard == {name: expected.holds(name) for name in NAMES} and await store.board.drains() == expected

    for drained in (True, False):
        for name in NAMES:
            await store.board.drain_replica(name, drained)
            expected = expected.with_replica(name, drained)
            assert await is_as_expected()
            for everything in (True, False):
                await store.board.drain_everything(everything)
                expected = expected.with_everything(everything)
                assert await is_as_expected()


@pytest.mark.parametrize("drained", [True, False])
async def test_saying_it_again_changes_nothing(store: StoreHarness, *, drained: bool) -> None:
    for _ in range(2):
        await store.board.drain_everything(drained)
        await store.board.drain_replica("node", drained)
    assert await store.board.drains() == Drains(drained, frozenset({"node"} if drained else ()))


async def test_drains_by_name_are_bounded(store: StoreHarness) -> None:
    for number in range(MOST_DRAINED):
        await store.board.drain_replica(f"node-{number}", True)
    await store.board.drain_replica("node-0", True)
    with pytest.raises(TooManyDrained):
        await store.board.drain_replica("one more", True)
    await store.board.drain_replica("node-0", False)
    await store.board.drain_replica("one more", True)
    assert len((await store.board.drains()).replicas) == MOST_DRAINED


async def test_a_drain_that_another_server_knows_outlasts_a_fail_over(store: StoreHarness) -> None:
    await store.board.drain_everything(True)
    await store.board.drain_replica("node", True)
    saved = await store.save()
    await store.board.drain_everything(False)
    await store.fail_over(saved)
    assert await store.board.drains() == Drains(True, frozenset({"node"}))
