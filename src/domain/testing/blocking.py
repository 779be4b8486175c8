"""Block states."""

from __future__ import annotations

from hypothesis import strategies as st

from domain.blocks import Block, BlockFlags, Blocks, block_for
from domain.testing.identity import users
from domain.testing.moments import instants


def blocks_in_force() -> st.SearchStrategy[Block]:
    """Blocks with a reason and an end, and without.

    Example: ``Block(reason="quota", until=None)``.
    """
    reasons = st.sampled_from(("", "quota", "the disks are full, alas"))
    return st.builds(block_for, reasons, st.none() | instants())


def block_states() -> st.SearchStrategy[Blocks]:
    """Everybody blocked or not, and any users.

    Example: ``Blocks(everybody=None, users={"alice": Block(reason="quota", until=None)})``.
    """
    by_name = st.dictionaries(users(), blocks_in_force(), max_size=4)
    return st.builds(Blocks, st.none() | blocks_in_force(), by_name)


def block_flags() -> st.SearchStrategy[BlockFlags]:
    """What one submit sees of the blocks.

    Example: ``BlockFlags(everybody=None, user=Block(reason="quota", until=None))``.
    """
    return st.builds(BlockFlags, st.none() | blocks_in_force(), st.none() | blocks_in_force())
