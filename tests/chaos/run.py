"""One run: users, faults, the end of both, and the judgement."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from redis.asyncio import Redis
from redis.exceptions import RedisError

from tests.chaos.errands import make_errands
from tests.chaos.evidence import boot_time
from tests.chaos.faults import Faults
from tests.chaos.judge import Case, Finding, Wrong
from tests.chaos.looking import look
from tests.chaos.plan import Kind, make_plan
from tests.chaos.settling import settle
from tests.chaos.shape import Shape
from tests.chaos.stage import REPLICAS, Stage, stage
from tests.chaos.users import Deeds, Users
from tests.chaos.witnessed import is_free
from tests.frontend.standin import Journal, RecordMissing

PATIENCE_S = 2.0
"""So long after the frontend's last write each record must tell the truth (contract §4)."""


@dataclass(frozen=True)
class Result:
    """How a run ended."""

    seed: int
    cases: Sequence[Case]
    findings: Sequence[Finding]
    faults: Mapping[Kind, int]
    told: Sequence[str]
    """The faults as they came, with their instants."""
    lost_answers: int
    cut_connections: int
    deeds: Deeds
    seconds: float

    @property
    def is_right(self) -> bool:
        """Whether nothing is wrong."""
        return not self.findings


async def run(seed: int, shape: Shape, wanted: Mapping[Kind, int], directory: Path) -> Result:
    """Run users and faults on a service of their own, whose files are in ``directory``."""
    began = boot_time()
    async with stage(directory, seed, shape) as at:
        errands = make_errands(random.Random(f"errands of {seed}"), shape, at.trees)
        plan = make_plan(random.Random(f"faults of {seed}"), shape, wanted, REPLICAS)
        users = Users(at.frontends, at.address, shape, seed)
        faults = Faults(at.replicas, at.proxies, at.redis, at.copy)
        async with asyncio.TaskGroup() as group:
            group.create_task(users.run(errands))
            group.create_task(faults.run(plan))
        async with Redis.from_url(at.redis.url, protocol=2) as client:
            await settle(at, client, shape.stuck_s, began + shape.limit_s)
            await asyncio.sleep(PATIENCE_S)
            cases = await look(at, client, users.deeds, faults)
        findings = [finding for case in cases for finding in case.findings()]
        findings += [*_unreadable(at.journal), *await _orphans(at, cases, shape)]
    return Result(
        seed,
        cases,
        findings,
        faults.done,
        faults.told,
        sum(proxy.lost for proxy in at.proxies),
        sum(proxy.cuts for proxy in at.proxies),
        users.deeds,
        boot_time() - began,
    )


def _unreadable(journal: Journal) -> list[Finding]:
    """What frontends met that neither Redis nor its lag explains, such as a record that cannot be read."""
    explained = (RedisError, OSError, RecordMissing)
    return [Finding("?", Wrong.RECORD, repr(error)) for error in journal.errors if not isinstance(error, explained)]


async def _orphans(at: Stage, cases: Sequence[Case], shape: Shape) -> list[Finding]:
    """Kill the schedulers, and return the work that goes on without them."""
    for replica in at.replicas:
        replica.kill()
    await asyncio.sleep(shape.kill_grace_s)
    return [
        Finding(case.task_id, Wrong.ORPHAN, f"{case.place} is still locked")
        for case in cases
        if case.runs and not is_free(at.directory, case.place)
    ]
