"""When a helper pays for a walk, and what is made of its word."""

from __future__ import annotations

from collections.abc import Callable

from adapters.executors.local.supervisor.comparing import Comparison
from adapters.executors.local.supervisor.helping import Count, Helper

PAYS_FROM = 2000
"""Files that must be expected before a helper is started: to look at half of them takes longer than to start one."""


class Sharing:
    """Shares the directories of one level of a tree with a helper, as long as nothing but equal files turned up."""

    def __init__(self, comparison: Comparison, noted: Callable[[], object]) -> None:
        """``noted`` returns all that the walk notes besides what it shows to ``comparison``; equal: nothing new."""
        self._comparison = comparison
        self._noted = noted
        self._may_ask = True
        """There is no helper yet, and none was refused."""

    def walk(self, directories: int, visit: Callable[[int], None]) -> None:
        """Call ``visit`` with the index of each directory, but for those in which the helper found nothing to note.

        How much there is to come is judged by what the directories before held.
        """
        helper, before = None, self._comparison.files
        try:
            for index in range(directories):
                if self._may_ask and self._pays(index, directories, self._comparison.files - before):
                    self._may_ask = False
                    helper = Helper.start(directories, lambda index: self._look(index, visit))
                found = helper.found(index) if helper else None
                if found is None:
                    visit(index)
                else:
                    self._comparison.add(*found)
        finally:
            if helper:
                helper.close()
                self._may_ask = True

    def _pays(self, index: int, directories: int, files: int) -> bool:
        if not index or self._comparison.is_over:
            return False
        return files * (directories - index) >= PAYS_FROM * index

    def _look(self, index: int, visit: Callable[[int], None]) -> Count | None:
        compared, state = self._comparison, self._state()
        files, size = compared.files, compared.bytes
        visit(index)
        return (compared.files - files, compared.bytes - size) if self._state() == state else None

    def _state(self) -> object:
        return self._comparison.is_over, self._comparison.leaves_attributes, self._noted()
