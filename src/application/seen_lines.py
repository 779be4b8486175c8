"""Log lines that a read has shown and no commit has kept yet: the record may have lost them since."""

from __future__ import annotations

from asyncio import CancelledError
from types import TracebackType

from domain.logs import merge_lines
from domain.ports import Snapshot, StoreUnavailable
from domain.task import Task
from domain.values import Incarnation

MOST_UNKEPT = 10_000
"""Tasks whose lines wait here for a store that is away; more than that are a store that nobody writes to either."""


class SeenLines:
    """Those of one task."""

    def __init__(self) -> None:
        self._lines: tuple[str, ...] = ()
        self._incarnation: Incarnation | None = None

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to keep."""
        return not self._lines

    def note(self, snapshot: Snapshot) -> None:
        """Remember the lines of a record that a lost commit was based on."""
        if snapshot.record is None:
            return
        if self._incarnation is None or not self._incarnation.is_same_as(snapshot.record.incarnation):
            self._lines, self._incarnation = (), snapshot.record.incarnation
        self._lines = merge_lines(self._lines, snapshot.record.logs)

    def add(self, older: SeenLines) -> None:
        """Remember what was seen before too, unless the id has become another task's since."""
        if older._incarnation is None:
            return
        if self._incarnation is None or self._incarnation.is_same_as(older._incarnation):
            self._lines, self._incarnation = merge_lines(older._lines, self._lines), older._incarnation

    def teach(self, task: Task) -> Task:
        """Return ``task`` knowing these lines, if they are its own."""
        if self._incarnation is None or not task.incarnation.is_same_as(self._incarnation):
            return task
        return task.learn(self._lines)


class UnkeptLines:
    """What changes of tasks that came to nothing have seen, for the next change of each."""

    def __init__(self) -> None:
        self._of_tasks: dict[str, SeenLines] = {}

    def of(self, task_id: str) -> SeenLines | None:
        """Return what is to be kept with the next change of a task."""
        return self._of_tasks.get(task_id)

    def remember(self, task_id: str, seen: SeenLines) -> None:
        """A change that has seen this came to nothing."""
        known = self._of_tasks.get(task_id)
        if known is not None:
            seen.add(known)  # another change of this task came to nothing meanwhile
        if seen.is_empty:
            return
        self._of_tasks[task_id] = seen
        if len(self._of_tasks) > MOST_UNKEPT:
            del self._of_tasks[next(iter(self._of_tasks))]

    def forget(self, task_id: str, seen: SeenLines) -> None:
        """This was kept; what else came to nothing meanwhile was not."""
        if self._of_tasks.get(task_id) is seen:
            del self._of_tasks[task_id]


class Keeping:
    """Begins a change with what earlier ones of its task have seen, and remembers it all where it comes to nothing.

    A class rather than a generator, because every change of every task passes here.
    """

    __slots__ = ("_earlier", "_seen", "_task_id", "_unkept")

    def __init__(self, unkept: UnkeptLines, task_id: str, seen: SeenLines) -> None:
        self._unkept = unkept
        self._task_id = task_id
        self._seen = seen
        self._earlier = unkept.of(task_id)

    def __enter__(self) -> None:
        if self._earlier is not None:
            self._seen.add(self._earlier)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        # Cancelled: whoever asked for the change waits no longer.
        if isinstance(error, StoreUnavailable | CancelledError):
            self._unkept.remember(self._task_id, self._seen)
        elif error is None and self._earlier is not None:
            self._unkept.forget(self._task_id, self._earlier)
