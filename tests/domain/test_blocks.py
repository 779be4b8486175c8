from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.blocks import Block, BlockFlags, Blocks, InvalidEnd, block_for
from domain.errors import Blocked
from domain.instants import as_utc
from domain.testing import EPOCH, block_states, blocks_in_force, instants, users

someone = users()
some_block = st.none() | blocks_in_force()


@given(block_states(), someone, some_block)
def test_a_change_concerns_one_user(blocks: Blocks, user: str, block: Block | None) -> None:
    changed = blocks.with_user(user, block)
    assert changed.flags_for(user) == BlockFlags(blocks.everybody, block)
    for other in blocks.users.keys() - {user}:
        assert changed.flags_for(other) == blocks.flags_for(other)
    assert changed.with_user(user, block) == changed


@given(block_states(), someone, some_block)
def test_everybody_is_blocked_and_enabled_beside_the_users_own_blocks(
    blocks: Blocks, user: str, block: Block | None
) -> None:
    changed = blocks.with_everybody(block)
    assert changed.flags_for(user) == BlockFlags(block, blocks.users.get(user))
    assert changed.users == blocks.users


@given(block_states(), someone)
def test_a_submit_passes_only_where_no_block_holds(blocks: Blocks, user: str) -> None:
    if blocks.everybody or user in blocks.users:
        with pytest.raises(Blocked) as refusal:
            blocks.flags_for(user).admit(user)
        wider = blocks.everybody or blocks.users[user]
        assert refusal.value.scope == ("everybody" if blocks.everybody else "user")
        assert (refusal.value.reason, refusal.value.until) == (wider.reason, wider.until)
        assert wider.reason in str(refusal.value)
    else:
        blocks.flags_for(user).admit(user)


@given(block_states(), instants())
def test_what_has_ended_by_itself_holds_no_more(blocks: Blocks, now: datetime) -> None:
    left = blocks.at(now)
    every = [
        (blocks.everybody, left.everybody),
        *((block, left.users.get(user)) for user, block in blocks.users.items()),
    ]
    for block, still in every:
        holds = block is not None and (block.until is None or block.until > as_utc(now))
        assert still == (block if holds else None)


@given(instants())
def test_an_end_must_lie_ahead(now: datetime) -> None:
    Block("x").check_end(now)
    block_for("x", as_utc(now) + timedelta(milliseconds=1)).check_end(now)
    with pytest.raises(InvalidEnd, match="is over already"):
        block_for("x", now).check_end(now)


@pytest.mark.parametrize(
    ("block", "words"),
    [
        (Block(), "alice is blocked by an operator; ask the operators to enable submits"),
        (Block("quota exceeded"), r"alice is blocked by an operator \(quota exceeded\); ask"),
        (block_for("", EPOCH), r"alice is blocked by an operator until [0-9T:+-]+; submit again then"),
        (
            block_for("upgrade", EPOCH),
            r"alice is blocked by an operator until [0-9T:+-]+ \(upgrade\); submit again then",
        ),
    ],
)
def test_a_refusal_says_why_and_until_when(block: Block, words: str) -> None:
    with pytest.raises(Blocked, match=words):
        BlockFlags(user=block).admit("alice")
