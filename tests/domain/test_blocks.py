import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.blocks import BlockFlags, Blocks
from domain.errors import Blocked
from domain.testing import block_states, users

someone = users()


@given(block_states(), someone, st.booleans())
def test_a_change_concerns_one_user(blocks: Blocks, user: str, blocked: bool) -> None:
    changed = blocks.with_user(user, blocked)
    assert changed.flags_for(user) == BlockFlags(blocks.everybody, blocked)
    for other in blocks.users - {user}:
        assert changed.flags_for(other) == blocks.flags_for(other)
    assert changed.with_user(user, blocked) == changed


@given(block_states(), someone, st.booleans())
def test_everybody_is_blocked_and_enabled_beside_the_users_own_blocks(blocks: Blocks, user: str, blocked: bool) -> None:
    changed = blocks.with_everybody(blocked)
    assert changed.flags_for(user) == BlockFlags(blocked, user in blocks.users)
    assert changed.users == blocks.users


@given(block_states(), someone)
def test_a_submit_passes_only_where_no_block_holds(blocks: Blocks, user: str) -> None:
    if blocks.everybody or user in blocks.users:
        with pytest.raises(Blocked) as refusal:
            blocks.flags_for(user).admit(user)
        assert refusal.value.scope == ("everybody" if blocks.everybody else "user")
    else:
        blocks.flags_for(user).admit(user)
