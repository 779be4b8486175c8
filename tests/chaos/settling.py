"""Waiting for the end: until every task is over, or nothing gets done any more."""

from __future__ import annotations

import asyncio
from typing import cast

from redis.asyncio import Redis
from redis.exceptions import RedisError

from adapters.redis import keys
from tests.chaos.evidence import boot_time
from tests.chaos.stage import Stage
from tests.chaos.witnessed import EVIDENCE

LOOK_S = 0.25
MOST_LOOKED_AT = 200
HEADER_BYTES = 20
"""A ledger begins with its version."""


async def settle(stage: Stage, client: Redis, stuck_s: float, latest: float) -> bool:
    """Return whether no task is left at the end; False after ``stuck_s`` seconds in which nothing got done.

    ``latest`` is when to give up in any case, by :func:`~tests.chaos.evidence.boot_time`.
    """
    seen, seen_at = "", boot_time()
    while True:
        left = await _left(client)
        if left == "":
            return True
        now = boot_time()
        sight = f"{left} {(stage.directory / EVIDENCE).stat().st_size}"
        if sight != seen:
            seen, seen_at = sight, now
        if now - seen_at > stuck_s or now > latest:
            return False
        await asyncio.sleep(LOOK_S)


async def _left(client: Redis) -> str:
    """Return what tasks are left, and how often the ledgers of some of them have changed; empty where none is left."""
    while True:
        try:
            ids = [task_id.decode() for task_id in cast(list[bytes], await client.zrange(keys.LIVE, 0, -1))]
            async with client.pipeline(transaction=False) as pipeline:
                for task_id in ids[:MOST_LOOKED_AT]:
                    pipeline.getrange(keys.ledger_key(task_id), 0, HEADER_BYTES)
                headers = [header.split(b" ")[0].decode() for header in await pipeline.execute()]
            return ",".join([*ids, *headers])
        except (RedisError, OSError):
            await asyncio.sleep(LOOK_S)
