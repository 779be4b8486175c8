"""Block states."""

from __future__ import annotations

from hypothesis import strategies as st

from domain.blocks import BlockFlags, Blocks
from domain.testing.identity import users


def block_states() -> st.SearchStrategy[Blocks]:
    """Everybody blocked or not, and any users.

    Example: ``Blocks(everybody=False, users=frozenset({"alice"}))``.
    """
    return st.builds(Blocks, st.booleans(), st.frozensets(users(), max_size=4))


def block_flags() -> st.SearchStrategy[BlockFlags]:
    """What one submit sees of the blocks.

    Example: ``BlockFlags(everybody=False, user=True)``.
    """
    return st.builds(BlockFlags, st.booleans(), st.booleans())
