"""Looking at records, ledgers and evidence from outside."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import cast

from redis.asyncio import Redis

from adapters.redis.endpoints import RedisEndpoints
from adapters.redis.task_store import RedisTaskStore
from domain.ports import Snapshot
from tests.chaos.address import Accepted
from tests.chaos.errands import place_of
from tests.chaos.evidence import boot_time, read_evidence
from tests.chaos.faults import Faults
from tests.chaos.judge import Case
from tests.chaos.stage import Stage
from tests.chaos.users import Deeds
from tests.chaos.witnessed import EVIDENCE
from tests.frontend.standin import History
from tests.frontend.standin.redis_records import record_key

BATCH = 500
LOSS_S = 3.0
"""Redis syncs its file every second, and may be late by one more; and an answer takes its time."""
RESTORED_S = 8.0
"""So long after a crash of Redis it was back, and its recovery window is over."""


async def look(stage: Stage, client: Redis, deeds: Deeds, faults: Faults) -> list[Case]:
    """Return all that is known of every task that was registered."""
    histories = stage.journal.histories
    for history in histories.values():
        _doubt(history, faults.crashes)
    # First all records, then all ledgers: reading must not give late repairs more time.
    documents = await _documents(client, list(histories))
    snapshots = await _snapshots(stage.redis.url, list(histories))
    runs = read_evidence(stage.directory / EVIDENCE)
    # A user whose frontend could not save a task had it saved again: only the last one was ever submitted.
    owners = {place_of(history.registered.parameters): task_id for task_id, history in histories.items()}
    return [
        Case(
            task_id,
            document,
            snapshot.task,
            history,
            runs.get(place, ()) if owners[place] == task_id else (),
            deeds.priorities.get(task_id),
            _was_blocked(deeds, faults.crashes, stage.address.accepted.get(task_id)),
            _is_forgotten(faults, stage.address.accepted.get(task_id)),
        )
        for (task_id, history), document, snapshot in zip(histories.items(), documents, snapshots, strict=True)
        for place in [place_of(history.registered.parameters)]
    ]


def _was_blocked(deeds: Deeds, crashes: Sequence[float], accepted: Accepted | None) -> bool:
    """Whether the user was blocked all the while. A block that Redis may have lost is not counted."""
    return accepted is not None and any(
        who == accepted.user_id and since <= accepted.sent_at and accepted.answered_at <= until
        for who, since, until in deeds.blocked
        if not any(crash - LOSS_S <= since <= crash for crash in crashes)
    )


def _doubt(history: History, crashes: Sequence[float]) -> None:
    """Of a frontend's save that a Redis answered which was killed soon after, nobody knows whether it took place."""
    to_wall = time.time() - boot_time()
    for save in history.saves:
        if any(crash - LOSS_S <= save.at.timestamp() - to_wall <= crash for crash in crashes):
            save.ended = None


def _is_forgotten(faults: Faults, accepted: Accepted | None) -> bool:
    """Whether Redis was killed soon after, and the scheduler that accepted it was lost before it could say so again."""
    return accepted is not None and any(
        crash - LOSS_S <= accepted.answered_at
        and accepted.sent_at <= crash
        and absence.replica == accepted.replica
        and absence.since <= crash + RESTORED_S
        and absence.until >= accepted.sent_at
        for crash in faults.crashes
        for absence in faults.absences
    )


async def _documents(client: Redis, ids: Sequence[str]) -> list[bytes | None]:
    found: list[bytes | None] = []
    for first in range(0, len(ids), BATCH):
        names = [record_key(task_id) for task_id in ids[first : first + BATCH]]
        found += cast("list[bytes | None]", await client.mget(names))
    return found


async def _snapshots(url: str, ids: Sequence[str]) -> list[Snapshot]:
    endpoints = RedisEndpoints.open(url)
    found: list[Snapshot] = []
    try:
        for first in range(0, len(ids), BATCH):
            found += await RedisTaskStore(endpoints).load(ids[first : first + BATCH])
    finally:
        await endpoints.close()
    return found
