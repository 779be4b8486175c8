"""The ground truth: what frontends wrote, and which lines a scheduler must know."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from tests.frontend.standin.client import Answer
from tests.frontend.standin.document import FrontendRecord, Identity, UnreadableRecord


@dataclass(slots=True)
class Save:
    """One write of a whole record. `ended` stays None where nobody knows whether it took place."""

    at: datetime
    document: bytes
    record: FrontendRecord
    line: str | None
    """The line that this write added."""
    began: int
    ended: int | None = None


@dataclass(frozen=True, slots=True)
class Call:
    """One call to the scheduler. `answer` is None where none came."""

    what: str
    answer: Answer | None


@dataclass(slots=True)
class History:
    """All that is known of one task since it was registered."""

    registered: FrontendRecord
    saves: list[Save] = field(default_factory=list)
    calls: list[Call] = field(default_factory=list)
    observed: set[bytes] = field(default_factory=set)
    """Versions that frontends read."""
    shown: set[str] = field(default_factory=set)
    """Lines that a test saw a scheduler read."""
    deleted: bool = False

    @property
    def lines(self) -> tuple[str, ...]:
        """Every line that a frontend has written, in the order of the writes."""
        return tuple(save.line for save in self.saves if save.line is not None and save.ended is not None)

    @property
    def tried_lines(self) -> frozenset[str]:
        """Every line that a frontend may have written."""
        return frozenset(save.line for save in self.saves if save.line is not None)

    def demanded(self, *, accepted: bool) -> frozenset[str]:
        """The frontend's lines that must be in the record in the end.

        A line that a frontend lost by itself, with a stale read, before any scheduler read it can't be demanded. These
        can: lines of the last save (to repair it, it must be read), and if a scheduler has accepted the task, lines
        of a version that it wrote (it knew what it wrote), told by a frontend's read of it, and lines that a test
        saw it read.
        """
        known = self._last_lines()
        if accepted:
            known |= self.shown | self._lines_written_by_scheduler()
        return self.tried_lines & known

    def _last_lines(self) -> set[str]:
        """Lines of the last save; where several may have been the last, those that all of them hold."""
        if not self.saves:
            return set()
        latest = max((save.began for save in self.saves if save.ended is not None), default=0)
        candidates = [save for save in self.saves if save.ended is None or save.ended > latest]
        return set.intersection(*(set(save.record.logs) for save in candidates))

    def _lines_written_by_scheduler(self) -> set[str]:
        own = {save.document for save in self.saves}
        lines: set[str] = set()
        for document in self.observed - own:
            try:
                lines.update(FrontendRecord.parse(document).logs)
            except UnreadableRecord:
                continue
        return lines


class Journal:
    """Shared by all frontends of a test. Registering an id again begins a new history for it."""

    def __init__(self) -> None:
        self.histories: dict[str, History] = {}
        self.errors: list[Exception] = []
        """What went wrong in the frontends' workers and was not written to any record."""
        self._moments = 0

    def registering(self, record: FrontendRecord, document: bytes, at: datetime) -> Save:
        """Begin a history with the save that creates the record."""
        self.histories[record.identity.task_id] = History(record)
        return self.saving(record, document, None, at)

    def saving(self, record: FrontendRecord, document: bytes, line: str | None, at: datetime) -> Save:
        """Note that a save begins."""
        save = Save(at, document, record, line, self._next_moment())
        self.histories[record.identity.task_id].saves.append(save)
        return save

    def saved(self, save: Save) -> None:
        """Note that a save has ended well."""
        save.ended = self._next_moment()

    def read(self, task_id: str, document: bytes | None) -> None:
        """Note what a frontend's read showed."""
        if document is not None and task_id in self.histories:
            self.histories[task_id].observed.add(document)

    def called(self, identity: Identity, what: str, answer: Answer | None) -> None:
        """Note a call to the scheduler."""
        self.histories[identity.task_id].calls.append(Call(what, answer))

    def deleted(self, task_id: str) -> None:
        """Note that a user deleted the task."""
        self.histories[task_id].deleted = True

    def shown_to_scheduler(self, task_id: str, lines: Iterable[str]) -> None:
        """Note lines that a scheduler has read. For tests that can see its reads."""
        if task_id in self.histories:
            self.histories[task_id].shown.update(lines)

    def _next_moment(self) -> int:
        self._moments += 1
        return self._moments
