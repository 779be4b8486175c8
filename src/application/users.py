"""The use case of asking who has tasks here, for whom data was moved, and who is blocked."""

from __future__ import annotations

from asyncio import gather
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from application.ports import Tallies, UserWaits, WaitingUsers
from domain.blocks import Block
from domain.ports import BlockPage, BlockStore, Clock, TaskListing
from domain.tally import QUARTER_MINUTES
from domain.task import Task
from domain.values import Priority

MOST_AT_WORK = 1000
MOST_PER_LANE = 200
MOST_BLOCKED = 1000
MOST_MOVERS = 100
"""What one look reads: tasks at work, users with waiting tasks of one priority and service, users who are blocked, and
those for whom most was moved in one quarter of a day."""

DAY_QUARTERS, WEEK_QUARTERS = 4, 28

NO_BLOCKS = BlockPage(None, {}, None)
"""For a look that is not about blocks."""


class UserOrder(StrEnum):
    """Who comes first: who has most tasks at work and waiting, or for whom most was moved."""

    TASKS = "tasks"
    DAY = "day"
    WEEK = "week"


@dataclass(frozen=True, slots=True)
class Moved:
    """Bytes that were moved for one user."""

    day: int = 0
    week: int = 0


@dataclass(frozen=True, slots=True)
class UserRow:
    """One user who has something to do here, or had lately, or is blocked."""

    user_id: str
    running: int
    high: int
    """Tasks of high priority that wait."""
    low: int
    """Tasks of low priority that wait."""
    block: Block | None
    """What keeps the user from submitting, besides a block of everybody."""
    moved: Moved = Moved()

    @property
    def waiting(self) -> int:
        """All tasks that wait for a slot."""
        return self.high + self.low


@dataclass(frozen=True, slots=True)
class UsersSeen:
    """The users at one moment."""

    rows: Sequence[UserRow]
    blocks: BlockPage
    is_cut: bool
    """Whether there may be more users than one look reads."""
    day_since: datetime
    """Since when :attr:`Moved.day` counts: 24 to 30 hours ago, for bytes are added up by quarters of a day."""
    week_since: datetime
    """Since when :attr:`Moved.week` counts, likewise."""


class TellUsers:
    """Look at the users from all sides, at a cost that does not depend on how many tasks and users there are."""

    def __init__(
        self, listing: TaskListing, waiting: WaitingUsers, blocks: BlockStore, tallies: Tallies, clock: Clock
    ) -> None:
        self._listing = listing
        self._waiting = waiting
        self._blocks = blocks
        self._tallies = tallies
        self._clock = clock

    async def __call__(self, order: UserOrder = UserOrder.TASKS) -> UsersSeen:
        """Return whom one look finds. Raises StoreUnavailable."""
        at_work, waits, blocks = await gather(
            self._listing.at_work(MOST_AT_WORK),
            self._waiting.most_per_lane(MOST_PER_LANE),
            self._blocks.page(None, MOST_BLOCKED),
        )
        now = self._clock.now()
        quarter = int(now.timestamp()) // 60 // QUARTER_MINUTES
        known = {*(task.user_id for task in at_work), *(each.user_id for each in waits), *blocks.users}
        moved = await self._moved(quarter, known)
        return UsersSeen(
            user_rows(at_work, waits, blocks, moved, order),
            blocks,
            len(at_work) == MOST_AT_WORK or len(waits) >= MOST_PER_LANE or blocks.cursor is not None,
            _begin(quarter - DAY_QUARTERS, now),
            _begin(quarter - WEEK_QUARTERS, now),
        )

    async def _moved(self, quarter: int, users: Collection[str]) -> Mapping[str, Moved]:
        quarters = range(quarter - WEEK_QUARTERS, quarter + 1)
        found = await self._tallies.moved(quarters, users, MOST_MOVERS)
        return {user: Moved(sum(counts[-DAY_QUARTERS - 1 :]), sum(counts)) for user, counts in found.items()}


def user_rows(
    at_work: Iterable[Task],
    waits: Iterable[UserWaits],
    blocks: BlockPage,
    moved: Mapping[str, Moved] | None = None,
    order: UserOrder = UserOrder.TASKS,
) -> Sequence[UserRow]:
    """Return a row for each user that any of these knows, in this order."""
    moved = moved or {}
    running = Counter(task.user_id for task in at_work)
    waiting: Counter[tuple[str, Priority]] = Counter()
    for each in waits:
        waiting[each.user_id, each.priority] += each.count
    rows = [
        UserRow(
            user_id,
            running[user_id],
            waiting[user_id, Priority.HIGH],
            waiting[user_id, Priority.LOW],
            blocks.users.get(user_id),
            moved.get(user_id, Moved()),
        )
        for user_id in {*running, *(user_id for user_id, _ in waiting), *blocks.users, *moved}
    ]
    return sorted(rows, key=lambda row: (-_weight(row, order), -row.running - row.waiting, row.user_id))


def _weight(row: UserRow, order: UserOrder) -> int:
    match order:
        case UserOrder.TASKS:
            return row.running + row.waiting
        case UserOrder.DAY:
            return row.moved.day
        case UserOrder.WEEK:
            return row.moved.week


def _begin(quarter: int, now: datetime) -> datetime:
    return datetime.fromtimestamp(quarter * QUARTER_MINUTES * 60, now.tzinfo)
