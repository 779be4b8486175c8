"""Claims, renewals and take-overs in Redis, each one script and one round trip (design §4)."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from functools import partial

from adapters.redis import keys
from adapters.redis.endpoints import RedisEndpoints, as_text
from adapters.redis.lua import load_script
from adapters.redis.overview import read_overview
from adapters.redis.snapshots import read_snapshot
from domain.dispatch import Limits
from domain.ports import QueueOverview, Snapshot
from domain.values import Lease

log = logging.getLogger(__name__)

RENEWED_AT_ONCE = 500
"""Leases per script call, so that no call holds Redis up for long."""


class RedisDispatchQueue:
    """Implements :class:`domain.ports.DispatchQueue`."""

    def __init__(self, endpoints: RedisEndpoints) -> None:
        self._redis = endpoints.write
        self._attempt = endpoints.attempt
        self._arrivals = endpoints.arrivals
        self._claim = load_script(endpoints.write, "claim", with_queue=True)
        self._renew = load_script(endpoints.write, "renew", with_queue=True)
        self._take_over = load_script(endpoints.write, "take_over", with_queue=True)

    async def claim(self, owner: str, nonces: Sequence[str], limits: Limits, lease_s: float) -> Sequence[Snapshot]:
        own = [part for name, limit in limits.per_service.items() for part in (keys.encoded(name), limit)]
        args: list[str | int] = [
            keys.PREFIX,
            keys.encoded(owner),
            int(lease_s * 1000),
            "" if limits.per_user is None else limits.per_user,
            "" if limits.every_service is None else limits.every_service,
            len(limits.per_service),
            *own,
            *nonces,
        ]
        return self._leased(await self._attempt.command(partial(self._claim, args=args)))

    async def renew(self, leases: Mapping[str, Lease], lease_s: float) -> frozenset[str]:
        lost: set[str] = set()
        held = list(leases.items())
        for first in range(0, len(held), RENEWED_AT_ONCE):
            batch = held[first : first + RENEWED_AT_ONCE]
            lost.update(await self._renew_batch(batch, lease_s))
        return frozenset(lost)

    async def _renew_batch(self, batch: Sequence[tuple[str, Lease]], lease_s: float) -> Sequence[str]:
        args: list[str | int] = [keys.PREFIX, int(lease_s * 1000)]
        for task_id, lease in batch:
            args += [task_id, lease.epoch, lease.nonce]
        return [task_id.decode() for task_id in await self._attempt.command(lambda: self._renew(args=args))]

    async def take_over(self, owner: str, nonces: Sequence[str], lease_s: float) -> Sequence[Snapshot]:
        args: list[str | int] = [keys.PREFIX, keys.encoded(owner), int(lease_s * 1000), *nonces]
        return self._leased(await self._attempt.command(lambda: self._take_over(args=args)))

    async def overview(self, heads_per_lane: int = 3) -> QueueOverview:
        return await read_overview(self._redis, self._attempt, heads_per_lane)

    def _leased(self, found: Sequence[tuple[bytes, bytes, bytes | None]]) -> Sequence[Snapshot]:
        """Read what a script has leased.

        A ledger that cannot be read must not keep its owner from the others: it is left to its lease, and named in the
        log.
        """
        leased = []
        for task_id, ledger, record in found:
            snapshot = read_snapshot(as_text(task_id), ledger, record, recovering=self._arrivals.is_recovering)
            if snapshot.task is None:
                about = {"task_id": snapshot.task_id, "reason": snapshot.malformed}
                log.error("a leased task cannot be run", extra=about)
            else:
                leased.append(snapshot)
        return leased
