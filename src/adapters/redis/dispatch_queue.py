"""Claims, renewals and take-overs in Redis, each one script and one round trip (design §4)."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from urllib.parse import unquote

from adapters.redis import keys
from adapters.redis.endpoints import RedisEndpoints, as_text, load_script, translated_errors
from adapters.redis.snapshots import read_snapshot
from domain.dispatch import Limits
from domain.ports import QueueHead, QueueOverview, Snapshot
from domain.values import Lease, Priority

log = logging.getLogger(__name__)

RENEWED_AT_ONCE = 500
"""Leases per script call, so that no call holds Redis up for long."""


class RedisDispatchQueue:
    """Implements :class:`domain.ports.DispatchQueue`."""

    def __init__(self, endpoints: RedisEndpoints) -> None:
        self._redis = endpoints.write
        self._claim = load_script(endpoints.write, "claim", with_queue=True)
        self._renew = load_script(endpoints.write, "renew", with_queue=True)
        self._take_over = load_script(endpoints.write, "take_over", with_queue=True)

    async def claim(self, owner: str, nonces: Sequence[str], limits: Limits, lease_s: float) -> Sequence[Snapshot]:
        own = [part for name, limit in limits.per_service.items() for part in (keys.encoded(name), limit)]
        with translated_errors():
            found = await self._claim(
                args=[
                    keys.PREFIX,
                    keys.encoded(owner),
                    int(lease_s * 1000),
                    "" if limits.per_user is None else limits.per_user,
                    "" if limits.every_service is None else limits.every_service,
                    len(limits.per_service),
                    *own,
                    *nonces,
                ]
            )
        return _leased(found)

    async def renew(self, leases: Mapping[str, Lease], lease_s: float) -> frozenset[str]:
        lost: set[str] = set()
        held = list(leases.items())
        for first in range(0, len(held), RENEWED_AT_ONCE):
            batch = held[first : first + RENEWED_AT_ONCE]
            triples = [part for task_id, lease in batch for part in (task_id, lease.epoch, lease.nonce)]
            with translated_errors():
                gone = await self._renew(args=[keys.PREFIX, int(lease_s * 1000), *triples])
            lost.update(task_id.decode() for task_id in gone)
        return frozenset(lost)

    async def take_over(self, owner: str, nonces: Sequence[str], lease_s: float) -> Sequence[Snapshot]:
        with translated_errors():
            found = await self._take_over(
                args=[keys.PREFIX, keys.encoded(owner), int(lease_s * 1000), *nonces],
            )
        return _leased(found)

    async def overview(self, heads_per_lane: int = 3) -> QueueOverview:
        with translated_errors():
            flat = await self._redis.hgetall(keys.COUNTS)
        counts = {as_text(name): int(count) for name, count in flat.items()}
        waiting = {
            (Priority(lane[0]), unquote(lane[1])): count
            for name, count in counts.items()
            if name.startswith("waiting:") and count > 0
            for lane in [name.removeprefix("waiting:").split(":")]
        }
        at_work = {
            unquote(name.removeprefix("running:")): count
            for name, count in counts.items()
            if name.startswith("running:") and count > 0
        }
        return QueueOverview(waiting, counts.get("delayed", 0), at_work, await self._heads(waiting, heads_per_lane))

    async def _heads(self, lanes: Mapping[tuple[Priority, str], int], per_lane: int) -> Sequence[QueueHead]:
        """Read who is next in each lane, then what they would run: two round trips whatever waits."""
        order = sorted(lanes, key=lambda lane: (lane[0] is not Priority.HIGH, lane[1]))
        names = [(priority, service, keys.lane(priority, service)) for priority, service in order]
        with translated_errors():
            async with self._redis.pipeline(transaction=False) as pipeline:
                for _, _, lane in names:
                    pipeline.zrange(f"{keys.PREFIX}ready:{lane}", 0, per_lane - 1, withscores=True)
                ready = await pipeline.execute()
        users = [
            (priority, service, lane, as_text(member).split(":", 2)[2], int(running))
            for (priority, service, lane), members in zip(names, ready, strict=True)
            for member, running in members
        ]
        with translated_errors():
            async with self._redis.pipeline(transaction=False) as pipeline:
                for _, _, lane, user, _ in users:
                    pipeline.zrange(f"{keys.PREFIX}queue:{lane}:{user}", 0, 0)
                firsts = await pipeline.execute()
        return [
            QueueHead(priority, service, unquote(user), first[0].decode(), running)
            for (priority, service, _, user, running), first in zip(users, firsts, strict=True)
            if first
        ]


def _leased(found: Sequence[tuple[bytes, bytes, bytes | None]]) -> Sequence[Snapshot]:
    """Read what a script has leased.

    A ledger that cannot be read must not keep its owner from the others: it is left to its lease, and named in the log.
    """
    leased = []
    for task_id, ledger, record in found:
        snapshot = read_snapshot(as_text(task_id), ledger, record)
        if snapshot.task is None:
            log.error("a leased task cannot be run", extra={"task_id": snapshot.task_id, "reason": snapshot.malformed})
        else:
            leased.append(snapshot)
    return leased
