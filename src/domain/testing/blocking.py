"""Block states."""

from __future__ import annotations

from collections.abc import Mapping

from hypothesis import strategies as st

from domain.blocks import BlockFlags, Blocks
from domain.testing.identity import users


def block_states() -> st.SearchStrategy[Blocks]:
    """Everybody blocked or not, and any users, with reasons and without.

    Example: ``Blocks(everybody=False, users=frozenset({"alice"}), reasons={"alice": "quota"})``.
    """
    everybody = st.tuples(st.booleans(), _reasons())
    by_name = st.dictionaries(users(), _reasons(), max_size=4)
    return st.builds(_blocks, everybody, by_name)


def block_flags() -> st.SearchStrategy[BlockFlags]:
    """What one submit sees of the blocks.

    Example: ``BlockFlags(everybody=False, user=True, reason="quota")``.
    """
    return st.builds(BlockFlags, st.booleans(), st.booleans(), _reasons())


def _reasons() -> st.SearchStrategy[str]:
    return st.sampled_from(("", "quota", "the disks are full, alas"))


def _blocks(everybody: tuple[bool, str], by_name: Mapping[str, str]) -> Blocks:
    blocks = Blocks().with_everybody(*everybody)
    for user_id, reason in by_name.items():
        blocks = blocks.with_user(user_id, True, reason)
    return blocks
