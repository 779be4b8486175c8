"""Our flag of a block as bytes: it is there while the block holds, and tells until when and why.

The text is ``1``, then ``@`` and the end in milliseconds where there is one, then a space and the reason where one was
given: ``1@1773306000000 the disks are full``.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from domain.blocks import Block, BlockFlags

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


def end_ms(block: Block) -> int | None:
    """Return when a block ends by itself, in milliseconds since the epoch."""
    return None if block.until is None else (block.until - _EPOCH) // _MILLISECOND


def flag_text(block: Block) -> str:
    """Return what stands at the flag of a block."""
    end = end_ms(block)
    head = "1" if end is None else f"1@{end}"
    return f"{head} {block.reason}" if block.reason else head


def read_flag(flag: bytes | None) -> Block | None:
    """Return the block that a flag stands for. What else is there is a block too, without end and reason."""
    if flag is None:
        return None
    head, _, reason = flag.partition(b" ")
    end = head.partition(b"@")[2]
    until = _EPOCH + int(end) * _MILLISECOND if end.isdigit() else None
    return Block(reason.decode(errors="replace"), until)


def block_flags(everybody: bytes | None, user: bytes | None) -> BlockFlags:
    """Return what the flags of everybody and of one user mean for that user."""
    return BlockFlags(read_flag(everybody), read_flag(user))
