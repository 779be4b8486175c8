"""What `admin top` shows, asked for in one go."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from domain.values import TaskStatus
from entrypoints.cli.admin.client import MOST_PER_PAGE, AdminClient, Document

WAITING_COUNTED = 200
"""So many of the tasks that wait are read, to count them by user. It bounds what a look costs the service."""


@dataclass(frozen=True, slots=True)
class Overview:
    """The service at one moment."""

    queue: Document
    replicas: Document
    running: Sequence[Document]
    """Tasks that replicas hold, up to 1,000."""
    waiting: Sequence[Document]
    """Some of the tasks that wait, up to :data:`WAITING_COUNTED`."""

    @property
    def waits(self) -> int:
        """How many tasks may be claimed."""
        return sum(lane["count"] for lane in self.queue["waiting"])

    @property
    def at_work(self) -> int:
        """How many tasks somebody holds."""
        return sum(self.queue["at_work"].values())

    @property
    def slots(self) -> int:
        """How many tasks all replicas could run at once."""
        return sum(replica["slots"] for replica in self.replicas["replicas"])

    @property
    def users(self) -> list[tuple[str, int, int]]:
        """Users with how much they run and how much waits, as far as it was read; the greediest first."""
        running = Counter(task["user_id"] for task in self.running)
        waiting = Counter(task["user_id"] for task in self.waiting)
        users = sorted({*running, *waiting}, key=lambda user: (-running[user], -waiting[user], user))
        return [(user, running[user], waiting[user]) for user in users]

    @property
    def counts_all_waiting(self) -> bool:
        """Whether the counts by user are of all that waits."""
        return len(self.waiting) >= self.waits + int(self.queue["delayed"])

    def document(self) -> dict[str, object]:
        """Return all of it, for programs."""
        users = [{"user_id": user, "running": runs, "waiting": waits} for user, runs, waits in self.users]
        return {"queue": self.queue, **self.replicas, "running": list(self.running), "users": users}


def look(client: AdminClient) -> Overview:
    """Return how the service stands. Raises Refused, Unreachable."""
    return Overview(
        client.get("/queue"),
        client.get("/replicas"),
        client.get("/tasks/at-work", limit=MOST_PER_PAGE)["tasks"],
        client.get("/tasks", status=TaskStatus.PENDING, limit=WAITING_COUNTED)["tasks"],
    )
