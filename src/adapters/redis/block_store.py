"""Blocks in Redis: flags of our own, and the previous scheduler's two keys kept true beside them (contract §5)."""

from __future__ import annotations

import asyncio
import logging
import re
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from functools import partial
from typing import cast

from adapters.redis import keys
from adapters.redis.block_flags import end_ms, flag_text, read_flag
from adapters.redis.endpoints import RedisEndpoints, as_text, read_many
from adapters.redis.lua import load_script
from adapters.redis.previous_blocks import says_blocked, user_document, with_everybody, with_user
from domain.blocks import Block
from domain.ports import BlockPage, ConcurrentChange

log = logging.getLogger(__name__)

MOST_TRIES = 100
IMPORT_BATCH = 4000
"""Keys that one look for the previous scheduler's blocks passes over. That holds Redis up for 2 ms."""
SETTLED_AT_ONCE = 100
"""Blocks that have ended by themselves, for which one call tidies up."""

_CURSOR = re.compile(r"[0-9]{1,18}\Z")


class RedisBlockStore:
    """Implements :class:`domain.ports.BlockStore`."""

    def __init__(self, endpoints: RedisEndpoints) -> None:
        self._redis = endpoints.write
        self._attempt = endpoints.attempt
        self._block = load_script(endpoints.write, "block")
        self._import_block = load_script(endpoints.write, "import_block")

    async def set_everybody(self, block: Block | None) -> None:
        await self._set(None, block)

    async def set_user(self, user_id: str, block: Block | None) -> None:
        await self._set(user_id, block)

    async def settle_ended(self) -> int:
        now_ms = int(time.time() * 1000)
        due = partial(self._redis.zrange, keys.BLOCK_ENDS, "-inf", now_ms, byscore=True, offset=0, num=SETTLED_AT_ONCE)
        users = cast("list[bytes]", await self._attempt(due))
        for user in users:
            # By this server's clock it may not have ended yet, or it was set anew: then nothing is changed.
            await self._set(as_text(user) or None, None, only_ended=True)
        return len(users)

    async def _set(self, user_id: str | None, block: Block | None, *, only_ended: bool = False) -> None:
        for _ in range(MOST_TRIES):
            (found,) = await self._attempt(lambda: read_many(self._redis, [keys.PREVIOUS_BLOCKS]))
            if await self._write(found or b"", user_id, block, only_ended=only_ended):
                return
        raise ConcurrentChange(f"{keys.PREVIOUS_BLOCKS} was changed by others {MOST_TRIES} times in a row")

    async def _write(self, read: bytes, user_id: str | None, block: Block | None, *, only_ended: bool) -> bool:
        names = [
            keys.BLOCK_EVERYBODY if user_id is None else keys.block_key(user_id),
            keys.BLOCKED_USERS,
            keys.PREVIOUS_BLOCKS,
            keys.BLOCK_ENDS,
            *([] if user_id is None else [keys.PREVIOUS_USER_BLOCK + user_id]),
        ]
        blocked = block is not None
        document = with_everybody(read, blocked) if user_id is None else with_user(read, user_id, blocked)
        end = None if block is None else end_ms(block)
        args: list[str | bytes | int] = [
            "" if block is None else flag_text(block),
            user_id or "",
            read,
            document,
            user_document(blocked),
            "" if end is None else end,
            int(only_ended),
        ]
        return bool(await self._attempt(lambda: self._block(keys=names, args=args)))

    async def page(self, cursor: str | None = None, limit: int = 1000) -> BlockPage:
        if cursor is not None and not _CURSOR.match(cursor):
            raise ValueError(f"cursor {cursor!r} is not one that a listing of blocks gave; leave it out to begin anew")
        begin = int(cursor or 0)

        async def read() -> tuple[bytes | None, tuple[int, list[bytes]]]:
            flag = self._redis.get(keys.BLOCK_EVERYBODY)
            names = self._redis.sscan(keys.BLOCKED_USERS, begin, count=limit)
            return cast(tuple[bytes | None, tuple[int, list[bytes]]], await asyncio.gather(flag, names))

        everybody, (following, members) = await self._attempt(read)
        users = await self._blocks_of(sorted(user.decode() for user in members))
        return BlockPage(read_flag(everybody), users, str(following) if following else None)

    async def _blocks_of(self, users: Sequence[str]) -> Mapping[str, Block]:
        if not users:
            return {}
        flags = await self._attempt(lambda: read_many(self._redis, [keys.block_key(user) for user in users]))
        blocks = zip(users, map(read_flag, flags), strict=True)
        return {user: block for user, block in blocks if block is not None}

    async def import_previous(self) -> int:
        if await self._attempt(lambda: self._redis.exists(keys.BLOCKS_IMPORTED)):
            return 0
        imported = 0
        (everybody,) = await self._attempt(lambda: read_many(self._redis, [keys.PREVIOUS_BLOCKS]))
        if everybody is not None and says_blocked(everybody):
            names = [keys.BLOCK_EVERYBODY, keys.BLOCKED_USERS, keys.PREVIOUS_BLOCKS]
            imported += await self._import(names, everybody, "")
        async for batch in self._previous_users():
            imported += await self._import_users(batch)
        await self._attempt(lambda: self._redis.set(keys.BLOCKS_IMPORTED, "1"))
        return imported

    async def _previous_users(self) -> AsyncIterator[Sequence[bytes]]:
        cursor, pattern = 0, keys.PREVIOUS_USER_BLOCK + "*"
        while True:
            scan = partial(self._redis.scan, cursor, match=pattern, count=IMPORT_BATCH)
            cursor, names = await self._attempt(scan)
            yield cast(Sequence[bytes], names)
            if not cursor:
                return

    async def _import_users(self, names: Sequence[bytes]) -> int:
        if not names:
            return 0
        imported = 0
        values = await self._attempt(lambda: read_many(self._redis, names))
        for name, value in zip(names, values, strict=True):
            user = _user_of(name)
            if user is not None and value is not None and says_blocked(value):
                imported += await self._import([keys.block_key(user), keys.BLOCKED_USERS, name], value, user)
        return imported

    async def _import(self, names: Sequence[str | bytes], value: bytes, user_id: str) -> int:
        return int(await self._attempt(lambda: self._import_block(keys=names, args=[value, user_id])))


def _user_of(name: bytes) -> str | None:
    try:
        return as_text(name).removeprefix(keys.PREVIOUS_USER_BLOCK)
    except UnicodeDecodeError:
        log.warning("a block of the previous scheduler names nobody", extra={"key": repr(name)})
        return None
