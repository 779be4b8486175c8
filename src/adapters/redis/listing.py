"""Listings from the read endpoint: they may lag, and decide nothing."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

from adapters.redis import keys
from adapters.redis.endpoints import RedisEndpoints, as_text, read_many
from adapters.redis.ledger_codec import UnreadableLedger, decode_ledger
from domain.failures import failure_of
from domain.ports import Page, TaskFilter
from domain.task import Task

BATCH = 200
MOST_BATCHES = 25
"""What one page looks at: a rare filter gives a short page and a cursor, never a slow answer."""

_CURSOR = re.compile(r"(live|ended)-([0-9]{1,18})-([0-9]{1,9})\Z")


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where a listing goes on: live tasks by the server's scan, then ended ones by rank, latest first."""

    part: str
    position: int
    skip: int = 0
    """Ids of this batch that the page before has shown or looked at."""

    @classmethod
    def first(cls, wanted: TaskFilter) -> Cursor:
        """Return where a listing begins: what has ended is not looked for among all that lives."""
        wants_ended = (wanted.status is not None and wanted.status.is_terminal) or wanted.failure is not None
        return cls("ended" if wants_ended else "live", 0)

    @classmethod
    def parse(cls, text: str) -> Cursor:
        """Read what :meth:`__str__` wrote. Raises ValueError."""
        match = _CURSOR.match(text)
        if match is None:
            raise ValueError(f"cursor {text!r} is not one that a listing of tasks gave; leave it out to begin anew")
        return cls(match[1], int(match[2]), int(match[3]))

    def __str__(self) -> str:
        return f"{self.part}-{self.position}-{self.skip}"


class RedisTaskListing:
    """Implements :class:`domain.ports.TaskListing`."""

    def __init__(self, endpoints: RedisEndpoints) -> None:
        self._redis = endpoints.read
        self._attempt = endpoints.attempt_read

    async def page(self, wanted: TaskFilter, cursor: str | None, limit: int) -> Page:
        at: Cursor | None = Cursor.parse(cursor) if cursor is not None else Cursor.first(wanted)
        only_live = wanted.status is not None and not wanted.status.is_terminal
        shown: list[Task] = []
        for _ in range(MOST_BATCHES):
            if at is None or len(shown) >= limit or (only_live and at.part == "ended"):
                break
            ids, following = await self._batch(at)
            ids = ids[at.skip :]
            loaded = enumerate(await self._load(ids))
            matching = [(place, task) for place, task in loaded if _shows(wanted, task, ended=at.part == "ended")]
            room = limit - len(shown)
            shown += [task for _, task in matching[:room] if task is not None]
            at = Cursor(at.part, at.position, at.skip + matching[room][0]) if len(matching) > room else following
        is_over = at is None or (only_live and at.part == "ended")
        return Page(shown, None if is_over else str(at))

    async def at_work(self, limit: int) -> Sequence[Task]:
        # A task that nobody holds has the score 0.
        held = await self._attempt(lambda: self._redis.zrangebyscore(keys.LIVE, "(0", "+inf", 0, limit))
        loaded = await self._load(sorted((as_text(cast(bytes, member)) for member in held), key=int))
        return [task for task in loaded if task is not None and not task.is_terminal]

    async def _batch(self, at: Cursor) -> tuple[Sequence[str], Cursor | None]:
        if at.part == "live":
            position, found = await self._attempt(lambda: self._redis.zscan(keys.LIVE, at.position, count=BATCH))
            ids = sorted((as_text(member) for member, _ in found), key=int, reverse=True)
            return ids, Cursor("live", position) if position else Cursor("ended", 0)
        last = at.position + BATCH - 1
        members = await self._attempt(lambda: self._redis.zrevrange(keys.ENDED, at.position, last))
        following = Cursor("ended", at.position + BATCH) if len(members) == BATCH else None
        return [as_text(cast(bytes, member)) for member in members], following

    async def _load(self, ids: Sequence[str]) -> Sequence[Task | None]:
        if not ids:
            return ()
        names = [keys.ledger_key(task_id) for task_id in ids]
        found = await self._attempt(lambda: read_many(self._redis, names))
        return [_task(raw) for raw in found]


def _task(raw: bytes | None) -> Task | None:
    try:
        return decode_ledger(raw).task if raw else None
    except UnreadableLedger:
        return None


def _shows(wanted: TaskFilter, task: Task | None, *, ended: bool) -> bool:
    """Whether a task belongs here. One that ended or was retried since the ids were read comes in the other part."""
    return (
        task is not None
        and task.is_terminal == ended
        and (wanted.status is None or task.status is wanted.status)
        and (wanted.user_id is None or task.user_id == wanted.user_id)
        and (wanted.service is None or task.service == wanted.service)
        and (wanted.failure is None or failure_of(task) is wanted.failure)
    )
