"""What the users' page says of each user."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from application.ports import UserWaits
from domain.blocks import Block
from domain.ports import BlockPage
from domain.task import Task
from domain.values import Priority

MOST_AT_WORK = 1000
MOST_PER_LANE = 200
"""What one page looks at: tasks at work, and users with waiting tasks of one priority and service."""

NO_BLOCKS = BlockPage(None, {}, None)
"""For a page that is not about blocks."""


@dataclass(frozen=True, slots=True)
class UserRow:
    """One user who has something to do here, or is blocked."""

    user_id: str
    running: int
    high: int
    """Tasks of high priority that wait."""
    low: int
    """Tasks of low priority that wait."""
    block: Block | None
    """What keeps the user from submitting, besides a block of everybody."""

    @property
    def waiting(self) -> int:
        """All tasks that wait for a slot."""
        return self.high + self.low


def user_rows(at_work: Iterable[Task], waits: Iterable[UserWaits], blocks: BlockPage) -> Sequence[UserRow]:
    """Return a row for each user that any of these knows, who has most tasks first."""
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
        )
        for user_id in {*running, *(user_id for user_id, _ in waiting), *blocks.users}
    ]
    return sorted(rows, key=lambda row: (-row.running - row.waiting, row.user_id))
