"""Every command that a server gets while a block of a test runs, as the server itself tells it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from redis.asyncio import Redis

HANGS_S = 20.0
BEGIN, END = "the block begins", "the block has ended"


@asynccontextmanager
async def monitored(redis: Redis) -> AsyncIterator[list[str]]:
    """The list is filled when the block ends. Commands inside of scripts are among them."""
    commands: list[str] = []
    async with redis.monitor() as monitor:
        await redis.echo(BEGIN)  # so that no connection's greeting is among them
        yield commands
        await redis.echo(END)
        async with asyncio.timeout(HANGS_S):
            async for told in monitor.listen():
                commands.append(told["command"])
                if told["command"] == f"ECHO {END}":
                    break
    del commands[: commands.index(f"ECHO {BEGIN}") + 1], commands[-1]
