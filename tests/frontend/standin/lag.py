"""A read endpoint that lags behind the write endpoint (contract §4)."""

from __future__ import annotations

from collections.abc import Callable

from tests.frontend.standin.access import RecordAccess
from tests.frontend.standin.document import Identity

Choose = Callable[[int, str], int]
"""Given how many ways there are and what they are about, return which to take: 0 to that number - 1."""


class Versions:
    """Every version of each record that was noted, oldest first. None: there was no record then."""

    def __init__(self) -> None:
        self._of_task: dict[str, list[bytes | None]] = {}

    def note(self, task_id: str, document: bytes | None) -> None:
        """Add the version that stands now, unless it is the last one noted."""
        known = self._of_task.setdefault(task_id, [None])
        if known[-1] != document:
            known.append(document)

    def latest(self, task_id: str, count: int) -> list[bytes | None]:
        """The last `count` versions or fewer, newest first."""
        return self._of_task.get(task_id, [None])[: -count - 1 : -1]


class LaggingRecords:
    """Reads that show any of the last versions: also none right after a creation, or a record that was deleted.

    It knows the versions that it wrote and those that stood when it read. So that versions of another writer in
    between are known too, have that writer (or a hook beside it) note them in the same `versions`.
    """

    def __init__(self, records: RecordAccess, choose: Choose, most: int, versions: Versions | None = None) -> None:
        """A read is at most `most` versions behind the newest; `choose` says how many, 0 for none."""
        self._records = records
        self._choose = choose
        self._most = most
        self._versions = versions if versions is not None else Versions()

    async def next_id(self) -> str:
        return await self._records.next_id()

    async def read(self, task_id: str) -> bytes | None:
        self._versions.note(task_id, await self._records.read(task_id))
        shown = self._versions.latest(task_id, self._most + 1)
        return shown[self._choose(len(shown), f"lag of {task_id}")]

    async def write(self, identity: Identity, document: bytes) -> None:
        await self._records.write(identity, document)
        self._versions.note(identity.task_id, document)

    async def delete(self, identity: Identity) -> None:
        await self._records.delete(identity)
        self._versions.note(identity.task_id, None)
