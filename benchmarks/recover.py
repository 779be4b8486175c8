"""How soon a scheduler is at work again that finds very much to do."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

from redis import Redis

from adapters.redis import keys
from adapters.redis.endpoints import RedisEndpoints, as_text
from benchmarks.report import show_json, show_table
from benchmarks.service import measured_service
from benchmarks.spread import Spread, spreads
from domain.dispatch import Limits
from tests.redis.crowd import let_wait
from tests.redis.desk import Desk
from tests.support.redis_server import RedisServer

MOST_S = 5.0
BATCH = 500
LOOK_S = 0.005
STUCK_S = 120.0
LONG_S = 3600.0
ANOTHER = "another"


@dataclass(frozen=True, slots=True)
class Round:
    """Seconds from the start of the service's process."""

    first_claim_s: float
    taken_over_s: float
    """Until no task is left whose lease has expired; 0 where none had."""


def recover(*, waiting: int = 100_000, running: int = 10_000, rounds: int = 3) -> int:
    """Measure from a scheduler's start to its first claim, beside tasks that wait and tasks that another one ran.

    Once the other scheduler is gone, its leases are over, and all its tasks are taken over before the first claim; once
    it is at work still.

    Args:
        waiting: How many tasks wait.
        running: How many are at work.
        rounds: How many of each kind.
    """
    cases = {"the other is gone": 0.001, "the other is at work": LONG_S}
    done = {name: [_round(waiting, running, lease_s) for _ in range(rounds)] for name, lease_s in cases.items()}
    found: Mapping[str, Mapping[str, Spread]] = {name: spreads(of_case) for name, of_case in done.items()}
    rows = [(name, *map(str, each.values())) for name, each in found.items()]
    title = f"Seconds from the start, with {waiting:,} waiting and {running:,} at work: median (least to most)"
    show_table(title, ("", "first claim", "all taken over"), rows)
    within = all(each["first_claim_s"].middle < MOST_S for each in found.values())
    print(f"Bound: {MOST_S:g} s to the first claim: {'kept' if within else 'EXCEEDED'}.")
    figures = {name: {what: spread.as_json() for what, spread in each.items()} for name, each in found.items()}
    asked = {"waiting": waiting, "running": running, "rounds": rounds}
    show_json({"benchmark": "recover", **asked, "found": figures, "within_bound": within})
    return 0 if within else 1


def _round(waiting: int, running: int, lease_s: float) -> Round:
    began = 0.0

    def prepare(redis: RedisServer) -> None:
        nonlocal began
        asyncio.run(_put(redis.url, waiting, running, lease_s))
        began = time.time()

    with measured_service(prepare=prepare) as service, service.redis.client() as redis:
        at_ms = _first_claim_ms(redis)
        over_ms = 0.0 if lease_s == LONG_S else _taken_over_ms(redis)
        return Round(at_ms / 1000 - began, max(0.0, over_ms / 1000 - began) if over_ms else 0.0)


def _first_claim_ms(redis: Redis) -> float:
    """Return the moment of the earliest claim that is still known: each owner's latest is, and tasks take no time."""
    until = time.monotonic() + STUCK_S
    while time.monotonic() < until:
        told = {as_text(name): as_text(text) for name, text in redis.hgetall(keys.COUNTS).items()}
        claims = {name: text for name, text in told.items() if name.startswith("claimed:")}
        ours = [float(text.split(" ")[0]) for name, text in claims.items() if name != f"claimed:{ANOTHER}"]
        if ours:
            return min(ours)
        time.sleep(LOOK_S)
    raise RuntimeError(f"nothing was claimed within {STUCK_S:g} s")


def _taken_over_ms(redis: Redis) -> float:
    until = time.monotonic() + STUCK_S
    while time.monotonic() < until:
        now_s, now_us = redis.time()
        if redis.zcount(keys.LIVE, 1, now_s * 1000) == 0:
            return now_s * 1000 + now_us / 1000
        time.sleep(LOOK_S)
    raise RuntimeError(f"not all tasks were taken over within {STUCK_S:g} s")


async def _put(url: str, waiting: int, running: int, lease_s: float) -> None:
    endpoints = RedisEndpoints.open(url)
    try:
        desk = Desk(endpoints)
        await let_wait(desk, waiting + running, users=100, records=True)
        for first in range(0, running, BATCH):
            nonces = desk.nonces(min(BATCH, running - first))
            claimed = await desk.queue.claim(ANOTHER, nonces, Limits(), LONG_S)
            await asyncio.gather(*map(desk.start, claimed))
        if lease_s != LONG_S:
            for _ in range(0, running, BATCH):
                leased = await endpoints.write.zrangebyscore(keys.LIVE, 2, "+inf", start=0, num=BATCH)
                await endpoints.write.zadd(keys.LIVE, {as_text(member): 1 for member in cast(list[bytes], leased)})
    finally:
        await endpoints.close()
