"""Our flag of a block as bytes: it is there while the block holds, and may tell why."""

from __future__ import annotations

from domain.blocks import BlockFlags

SET = "1"
"""A flag without a reason. With one it is ``1 <reason>``."""


def flag_text(reason: str) -> str:
    """Return what stands at the flag of a block that is set for this reason, empty for none."""
    return f"{SET} {reason}" if reason else SET


def reason_of(flag: bytes | None) -> str:
    """Return why a block was set; empty where there is none, or nobody said so."""
    return (flag or b"").partition(b" ")[2].decode(errors="replace")


def block_flags(everybody: bytes | None, user: bytes | None) -> BlockFlags:
    """Return what the flags of everybody and of one user mean for that user."""
    reason = reason_of(user if everybody is None else everybody)
    return BlockFlags(everybody is not None, user is not None, reason)
