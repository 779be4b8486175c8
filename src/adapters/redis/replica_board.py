"""The board of the replicas in Redis. Its sets are small: there are few processes, and drains by name are bounded."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Sequence
from typing import cast

import msgspec

from adapters.redis import keys
from adapters.redis.endpoints import RedisEndpoints, as_text, read_many
from adapters.redis.lua import load_script
from domain.drain import MOST_DRAINED, Drains, Presence, TooManyDrained

log = logging.getLogger(__name__)

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(Presence).decode


class RedisReplicaBoard:
    """Implements :class:`application.ports.ReplicaBoard`."""

    def __init__(self, endpoints: RedisEndpoints) -> None:
        self._redis = endpoints.write
        self._attempt = endpoints.attempt
        self._announce = load_script(endpoints.write, "announce")
        self._drain = load_script(endpoints.write, "drain")

    async def announce(self, presence: Presence, for_s: float) -> bool:
        names = [
            keys.presence_key(presence.owner),
            keys.REPLICAS,
            keys.DRAIN_EVERYTHING,
            keys.DRAINED_REPLICAS,
        ]
        args: list[str | bytes | int] = [presence.owner, presence.replica, _encode(presence), int(for_s * 1000)]
        return bool(await self._attempt(lambda: self._announce(keys=names, args=args)))

    async def withdraw(self, owner: str) -> None:
        await self._forget([owner])

    async def present(self) -> Sequence[Presence]:
        owners = sorted(as_text(owner) for owner in await self._members(keys.REPLICAS))
        if not owners:
            return []
        said = await self._attempt(lambda: read_many(self._redis, [keys.presence_key(owner) for owner in owners]))
        silent = [owner for owner, text in zip(owners, said, strict=True) if text is None]
        if silent:
            # One that speaks again at this very moment is back with its next announcement.
            await self._forget(silent)
        found = [presence for text in said if text is not None for presence in _read(text)]
        return sorted(found, key=lambda presence: (presence.replica, presence.owner))

    async def drain_everything(self, drained: bool) -> None:
        await self._set("", drained)

    async def drain_replica(self, name: str, drained: bool) -> None:
        if not await self._set(name, drained):
            raise TooManyDrained

    async def drains(self) -> Drains:
        async def read() -> tuple[int, set[bytes]]:
            flag = self._redis.exists(keys.DRAIN_EVERYTHING)
            names = cast(Awaitable[set[bytes]], self._redis.smembers(keys.DRAINED_REPLICAS))
            return await asyncio.gather(flag, names)

        everything, names = await self._attempt(read)
        return Drains(bool(everything), frozenset(as_text(name) for name in names))

    async def _set(self, name: str, drained: bool) -> bool:
        names = [keys.DRAIN_EVERYTHING, keys.DRAINED_REPLICAS]
        args: list[str | bytes | int] = [int(drained), name, MOST_DRAINED]
        return bool(await self._attempt(lambda: self._drain(keys=names, args=args)))

    async def _members(self, name: str) -> set[bytes]:
        return await self._attempt(lambda: cast(Awaitable[set[bytes]], self._redis.smembers(name)))

    async def _forget(self, owners: Sequence[str]) -> None:
        async def remove() -> None:
            members = self._redis.srem(keys.REPLICAS, *owners)
            await asyncio.gather(members, self._redis.delete(*(keys.presence_key(owner) for owner in owners)))

        await self._attempt(remove)


def _read(text: bytes) -> Sequence[Presence]:
    try:
        return [_decode(text)]
    except msgspec.MsgspecError as error:
        # Such as that of a later version, whose replica is shown again once all have it.
        log.warning("what a replica says of itself cannot be read", extra={"reason": str(error)})
        return []
