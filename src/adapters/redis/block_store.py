"""Blocks in Redis: flags of our own, and the previous scheduler's two keys kept true beside them (contract §5)."""

from __future__ import annotations

import logging
import re
from collections.abc import Sequence
from typing import cast

from adapters.redis import keys
from adapters.redis.endpoints import RedisEndpoints, as_text, load_script, read_many, translated_errors
from adapters.redis.previous_blocks import says_blocked, user_document, with_everybody, with_user
from domain.ports import BlockPage, ConcurrentChange

log = logging.getLogger(__name__)

MOST_TRIES = 100
IMPORT_BATCH = 500

_CURSOR = re.compile(r"[0-9]{1,18}\Z")


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
                document = with_everybody(read, blocked) if user_id is None else with_user(read, user_id, blocked)
                args: list[str | bytes | int] = [int(blocked), user_id or "", read, document, user_document(blocked)]
                if await self._block(keys=names, args=args):
                    return
        raise ConcurrentChange(f"{keys.PREVIOUS_BLOCKS} was changed by others {MOST_TRIES} times in a row")

    async def page(self, cursor: str | None = None, limit: int = 1000) -> BlockPage:
        if cursor is not None and not _CURSOR.match(cursor):
            raise ValueError(f"cursor {cursor!r} is not one that a listing of blocks gave; leave it out to begin anew")
        begin = int(cursor or 0)
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
            if everybody is not None and says_blocked(everybody):
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
            user = _user_of(name)
            if user is not None and value is not None and says_blocked(value):
                flags: list[str | bytes | memoryview[int]] = [keys.block_key(user), keys.BLOCKED_USERS, name]
                imported += await self._import_block(keys=flags, args=[value, user])
        return imported


def _user_of(name: bytes) -> str | None:
    try:
        return as_text(name).removeprefix(keys.PREVIOUS_USER_BLOCK)
    except UnicodeDecodeError:
        log.warning("a block of the previous scheduler names nobody", extra={"key": repr(name)})
        return None
