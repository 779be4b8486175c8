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
    reason = blocks.reason if blocks.everybody else ""
    assert changed.flags_for(user) == BlockFlags(blocks.everybody, blocked, reason)
    for other in blocks.users - {user}:
        assert changed.flags_for(other) == blocks.flags_for(other)
    assert changed.with_user(user, blocked) == changed


@given(block_states(), someone, st.booleans())
def test_everybody_is_blocked_and_enabled_beside_the_users_own_blocks(blocks: Blocks, user: str, blocked: bool) -> None:
    changed = blocks.with_everybody(blocked)
    reason = "" if blocked else blocks.reasons.get(user, "")
    assert changed.flags_for(user) == BlockFlags(blocked, user in blocks.users, reason)
    assert changed.users == blocks.users


@given(block_states(), someone, st.text(max_size=5), st.text(max_size=5))
def test_the_latest_reason_is_told_and_that_of_the_wider_block_first(
    blocks: Blocks, user: str, first: str, second: str
) -> None:
    blocked = blocks.with_user(user, True, first).with_user(user, True, second)
    assert blocked.with_everybody(False).flags_for(user).reason == second
    assert blocked.with_everybody(True, first).flags_for(user).reason == first
    enabled = blocked.with_user(user, False).with_everybody(False)
    assert enabled.flags_for(user) == BlockFlags()
    assert enabled.with_user(user, True).flags_for(user).reason == "", "a block is set anew without its old reason"


def test_a_refusal_says_why() -> None:
    with pytest.raises(Blocked, match=r"user alice is blocked by an operator \(quota exceeded\); ask"):
        Blocks().with_user("alice", True, "quota exceeded").flags_for("alice").admit("alice")


@given(block_states(), someone)
def test_a_submit_passes_only_where_no_block_holds(blocks: Blocks, user: str) -> None:
    if blocks.everybody or user in blocks.users:
        with pytest.raises(Blocked) as refusal:
            blocks.flags_for(user).admit(user)
        assert refusal.value.scope == ("everybody" if blocks.everybody else "user")
    else:
        blocks.flags_for(user).admit(user)
