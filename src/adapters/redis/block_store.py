"""Blocks in Redis: flags of our own, and the previous scheduler's two keys kept true beside them (contract §5)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

import msgspec

from adapters.redis import keys
from adapters.redis.endpoints import RedisEndpoints, as_text, load_script, read_many, translated_errors
from domain.ports import BlockPage, ConcurrentChange

MOST_TRIES = 100
IMPORT_BATCH = 500


class PreviousBlocks(msgspec.Struct):
    """The document at ``blocks:all``."""

    blocked: bool = False
    blocked_users: list[str] = msgspec.field(default_factory=list)


class PreviousUserBlock(msgspec.Struct):
    """The document at ``blocks:user:{user_id}``."""

    blocked: bool = False


_decode_blocks = msgspec.json.Decoder(PreviousBlocks).decode
_decode_user_block = msgspec.json.Decoder(PreviousUserBlock).decode


class RedisBlockStore:
    """Implements :class:`domain.ports.BlockStore`."""

    def __init__(self, endpoints: RedisEndpoints) -> None:
        self._redis = endpoints.write
        self._block = load_script(endpoints.write, "block")
        self._import_block = load_script(endpoints.write, "import_block")

    async def set_everybody(self, blocked: bool) -> None:
        await self._set(blocked, None)

    async def set_user(self, user_id: str, blocked: bool) -> None:
        await self._set(blocked, user_id)

    async def _set(self, blocked: bool, user_id: str | None) -> None:
        for _ in range(MOST_TRIES):
            with translated_errors():
                (found,) = await read_many(self._redis, [keys.PREVIOUS_BLOCKS])
                read = found or b""
                names = [
                    keys.BLOCK_EVERYBODY if user_id is None else keys.block_key(user_id),
                    keys.BLOCKED_USERS,
                    keys.PREVIOUS_BLOCKS,
                    *([] if user_id is None else [keys.PREVIOUS_USER_BLOCK + user_id]),
                ]
                document = msgspec.json.encode(_with_block(_previous(read), blocked, user_id))
                own = msgspec.json.encode(PreviousUserBlock(blocked))
                if await self._block(keys=names, args=[int(blocked), user_id or "", read, document, own]):
                    return
        raise ConcurrentChange(f"{keys.PREVIOUS_BLOCKS} was changed by others {MOST_TRIES} times in a row")

    async def page(self, cursor: str | None = None, limit: int = 1000) -> BlockPage:
        try:
            begin = int(cursor or 0)
        except ValueError:
            raise ValueError(f"cursor {cursor!r} is not one that a listing of blocks gave") from None
        with translated_errors():
            async with self._redis.pipeline(transaction=False) as pipeline:
                pipeline.exists(keys.BLOCK_EVERYBODY)
                pipeline.sscan(keys.BLOCKED_USERS, begin, count=limit)
                everybody, (following, users) = await pipeline.execute()
        return BlockPage(
            bool(everybody), sorted(user.decode() for user in users), str(following) if following else None
        )

    async def import_previous(self) -> int:
        with translated_errors():
            if await self._redis.exists(keys.BLOCKS_IMPORTED):
                return 0
            imported = 0
            (everybody,) = await read_many(self._redis, [keys.PREVIOUS_BLOCKS])
            if everybody is not None and _previous(everybody).blocked:
                names = [keys.BLOCK_EVERYBODY, keys.BLOCKED_USERS, keys.PREVIOUS_BLOCKS]
                imported += await self._import_block(keys=names, args=[everybody, ""])
            batch: list[bytes] = []
            async for name in self._redis.scan_iter(match=keys.PREVIOUS_USER_BLOCK + "*", count=IMPORT_BATCH):
                batch.append(cast(bytes, name))
                if len(batch) >= IMPORT_BATCH:
                    imported += await self._import_users(batch)
                    batch = []
            imported += await self._import_users(batch)
            await self._redis.set(keys.BLOCKS_IMPORTED, "1")
            return imported

    async def _import_users(self, names: Sequence[bytes]) -> int:
        if not names:
            return 0
        imported = 0
        for name, value in zip(names, await read_many(self._redis, names), strict=True):
            user = as_text(name).removeprefix(keys.PREVIOUS_USER_BLOCK)
            if value is not None and _user_is_blocked(value):
                flags: list[str | bytes | memoryview[int]] = [keys.block_key(user), keys.BLOCKED_USERS, name]
                imported += await self._import_block(keys=flags, args=[value, user])
        return imported


def _previous(raw: bytes) -> PreviousBlocks:
    """Read ``blocks:all``; what cannot be read blocks nobody and is written anew."""
    try:
        return _decode_blocks(raw)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return PreviousBlocks()


def _user_is_blocked(raw: bytes) -> bool:
    try:
        return _decode_user_block(raw).blocked
    except (msgspec.DecodeError, UnicodeDecodeError):
        return False


def _with_block(document: PreviousBlocks, blocked: bool, user_id: str | None) -> PreviousBlocks:
    if user_id is None:
        return PreviousBlocks(blocked, document.blocked_users)
    users = [user for user in document.blocked_users if user != user_id]
    return PreviousBlocks(document.blocked, [*users, user_id] if blocked else users)
