"""Every write of the frontend: read the record, change it in memory, write all of it (contract §4)."""

from __future__ import annotations

from tests.frontend.standin.access import RecordAccess, RecordMissing
from tests.frontend.standin.clock import Clock
from tests.frontend.standin.document import Dialect, FrontendRecord, Identity, log_line
from tests.frontend.standin.journal import Journal
from tests.frontend.standin.steps import Step, Steps


class Editor:
    """No transaction, no comparison, no look whether the record still exists."""

    def __init__(self, records: RecordAccess, clock: Clock, journal: Journal, steps: Steps, dialect: Dialect) -> None:
        self._records = records
        self._clock = clock
        self._journal = journal
        self._steps = steps
        self._dialect = dialect

    async def create(self, record: FrontendRecord) -> None:
        """Save a new record."""
        document = record.dump(self._dialect)
        await self._steps.at(Step("create.write", record.identity.task_id))
        save = self._journal.registering(record, document, self._clock.now())
        await self._records.write(record.identity, document)
        self._journal.saved(save)

    async def read(self, task_id: str, step: str) -> FrontendRecord:
        """Raises RecordMissing, UnreadableRecord."""
        await self._steps.at(Step(step, task_id, reads_only=True))
        document = await self._records.read(task_id)
        self._journal.read(task_id, document)
        if document is None:
            raise RecordMissing(task_id)
        return FrontendRecord.parse(document)

    async def change(self, task_id: str, why: str, *, status: str | None = None, message: str | None = None) -> None:
        """Set a status, append a line, or both. Its steps are `<why>.read` and `<why>.write`.

        Raises RecordMissing, UnreadableRecord and whatever the store raises.
        """
        record = await self.read(task_id, f"{why}.read")
        now = self._clock.now()
        line = None if message is None else log_line(now, message)
        changed = record.changed(now, status, line)
        document = changed.dump(self._dialect)
        await self._steps.at(Step(f"{why}.write", task_id))
        save = self._journal.saving(changed, document, line, now)
        await self._records.write(changed.identity, document)
        self._journal.saved(save)

    async def delete(self, identity: Identity) -> None:
        """Delete record, metadata and index entries."""
        await self._steps.at(Step("delete.remove", identity.task_id))
        await self._records.delete(identity)
        self._journal.deleted(identity.task_id)
