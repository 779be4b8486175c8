"""Records in a dictionary: for enumerated interleavings without a scheduler's own store."""

from __future__ import annotations

from tests.frontend.standin.document import Identity
from tests.frontend.standin.lag import Versions


class MemoryRecords:
    """Holds documents only; the newest is read at once, so put `LaggingRecords` around it for an older one."""

    def __init__(self) -> None:
        self.versions = Versions()
        self._documents: dict[str, bytes] = {}
        self._last_id = 0

    async def next_id(self) -> str:
        self._last_id += 1
        return str(self._last_id)

    async def read(self, task_id: str) -> bytes | None:
        return self.peek(task_id)

    async def write(self, identity: Identity, document: bytes) -> None:
        self.put(identity.task_id, document)

    async def delete(self, identity: Identity) -> None:
        self._documents.pop(identity.task_id, None)
        self.versions.note(identity.task_id, None)

    def peek(self, task_id: str) -> bytes | None:
        """The newest version, seen from outside."""
        return self._documents.get(task_id)

    def put(self, task_id: str, document: bytes) -> None:
        """Set a record from outside, as another writer does."""
        self._documents[task_id] = document
        self.versions.note(task_id, document)
