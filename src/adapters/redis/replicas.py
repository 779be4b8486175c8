"""Waiting until enough replicas have what was written, where the operator asks for that (``WAIT``)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from redis.exceptions import NoScriptError

from adapters.redis import keys
from adapters.redis.connections import pipeline_of
from adapters.redis.endpoints import RedisEndpoints
from adapters.redis.lua import Argument, Script
from domain.ports import StoreUnavailable

WITHIN_MS = 1000
"""So long the replicas may take; shorter than the timeout of an answer."""


class Replicas:
    """How many replicas must have what admits a task: it then outlives a fail-over, as far as Redis can promise."""

    def __init__(self, endpoints: RedisEndpoints) -> None:
        self._redis = endpoints.write
        self._attempt = endpoints.attempt
        self._wanted = endpoints.min_replicas_ack

    @property
    def are_waited_for(self) -> bool:
        """Whether :meth:`run` waits for any, on a connection that nothing else bounds."""
        return self._wanted > 0

    async def run(self, script: Script, names: Sequence[str], args: Sequence[Argument]) -> tuple[Any, int]:
        """Run a script and wait on the same connection, in one round trip. Returns its reply, and who has it."""
        if not self._wanted:
            return await script(keys=names, args=args), 0
        try:
            return await self._run_and_wait(script, names, args)
        except NoScriptError:
            await self._redis.script_load(script.text)
            return await self._run_and_wait(script, names, args)

    async def _run_and_wait(self, script: Script, names: Sequence[str], args: Sequence[Argument]) -> tuple[Any, int]:
        # A script that is called with a pipeline would first be looked for, which costs another round trip.
        async with pipeline_of(self._redis) as pipeline:
            pipeline.execute_command("EVALSHA", script.sha, len(names), *names, *args)
            pipeline.execute_command("WAIT", self._wanted, WITHIN_MS)
            reply, replicas = await pipeline.execute()
        return reply, cast(int, replicas)

    def check(self, replicas: int) -> None:
        """Raise StoreUnavailable if these are too few."""
        if replicas < self._wanted:
            raise StoreUnavailable(
                f"{replicas} replicas of Redis have it after {WITHIN_MS / 1000:g} s, and {self._wanted} must have it "
                "(DMS_REDIS_MIN_REPLICAS_ACK)"
            )

    async def secure(self) -> None:
        """Wait for what anybody has written until now. Raises StoreUnavailable: too few replicas have it."""
        if not self._wanted:
            return

        async def write_and_wait() -> int:
            async with pipeline_of(self._redis) as pipeline:
                # Redis waits for what this connection wrote last, and all that was written before that.
                pipeline.set(keys.SECURED, "1", px=WITHIN_MS)
                pipeline.execute_command("WAIT", self._wanted, WITHIN_MS)
                _, replicas = await pipeline.execute()
            return cast(int, replicas)

        self.check(await self._attempt(write_and_wait))
