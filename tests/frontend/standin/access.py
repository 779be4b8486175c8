"""The seam between the stand-in and whatever holds the records."""

from __future__ import annotations

from typing import Protocol

from tests.frontend.standin.document import Identity


class RecordMissing(Exception):
    """The read endpoint shows no such record (never written, deleted, expired, or not replicated yet)."""

    def __init__(self, task_id: str) -> None:
        super().__init__(f"Task {task_id} not found")


class RecordAccess(Protocol):
    """What the frontend does with records (contract §1). Errors of the store come out as they are."""

    async def next_id(self) -> str:
        """Count `task:id:sequence` up."""
        ...

    async def read(self, task_id: str) -> bytes | None:
        """Read a record from the **read** endpoint, so possibly an older version; None where it shows none."""
        ...

    async def write(self, identity: Identity, document: bytes) -> None:
        """Write record, metadata and indexes, and renew their TTLs, whatever stands there and whether it does."""
        ...

    async def delete(self, identity: Identity) -> None:
        """Delete record, metadata and index entries."""
        ...
