"""What `admin top` shows, asked for in one go."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from entrypoints.cli.admin.client import MOST_PER_PAGE, AdminClient, Document


@dataclass(frozen=True, slots=True)
class Overview:
    """The service at one moment."""

    queue: Document
    replicas: Document
    running: Sequence[Document]
    """Tasks that replicas hold, up to 1,000."""
    known_users: Sequence[Document]
    """Who has most tasks first."""
    throughput: Document

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
    def users(self) -> list[tuple[str, int, int, int]]:
        """Users with how much they run, how much waits, and the bytes of a day; the greediest first."""
        counted = (
            (user["user_id"], user["running"], user["waiting_high"] + user["waiting_low"], user["bytes_day"])
            for user in self.known_users
        )
        return [each for each in counted if any(each[1:])]

    def document(self) -> dict[str, object]:
        """Return all of it, for programs."""
        names = ("user_id", "running", "waiting", "bytes_day")
        users = [dict(zip(names, user, strict=True)) for user in self.users]
        parts = {"running": list(self.running), "users": users, "throughput": self.throughput}
        return {"queue": self.queue, **self.replicas, **parts}


def look(client: AdminClient) -> Overview:
    """Return how the service stands. Raises Refused, Unreachable."""
    return Overview(
        client.get("/queue"),
        client.get("/replicas"),
        client.get("/tasks/at-work", limit=MOST_PER_PAGE)["tasks"],
        client.get("/users", limit=MOST_PER_PAGE)["users"],
        client.get("/throughput"),
    )
