"""Telling lines of a log that are sent once more from new ones, by the times that the kubelet puts before them."""

from __future__ import annotations

import re
from collections import Counter, deque

MOST_REMEMBERED = 10_000
"""Lines of one second that are remembered. Of more than that, some are heard twice after a lost connection."""

_STAMPED = re.compile(r"(?P<second>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)\.\d{9}(?:Z|[+-]\d\d:\d\d) ")


class Heard:
    """What has been heard of one log.

    A log can only be asked for from a second on, so after a lost connection lines of that second come again. Their
    times alone do not tell them from new ones: CRI-O gives all lines that it reads at once the same time, and those of
    standard output and standard error need not be in order.
    """

    def __init__(self) -> None:
        self.since = ""
        """The latest time of a line, from which on the log is to be asked for again; empty before the first line."""
        self._recent: deque[int] = deque(maxlen=MOST_REMEMBERED)
        self._again: Counter[int] = Counter()
        self._continues_new = True

    def begin_again(self) -> None:
        """The log is asked for once more, from :attr:`since` on."""
        self._again = Counter(self._recent)

    def new_text(self, line: str) -> str | None:
        """Return what was printed, without its time; None for a line that was heard before.

        What follows a carriage return has no time: it belongs to the line before.
        """
        stamped = _STAMPED.match(line)
        if stamped is None:
            return line if self._continues_new else None
        self._continues_new = self._is_new(line, stamped["second"])
        return line[stamped.end() :] if self._continues_new else None

    def _is_new(self, line: str, second: str) -> bool:
        known = hash(line)
        if self._again[known]:
            self._again[known] -= 1
            return False
        if second > self.since[: len(second)]:
            self._recent.clear()
        self.since = max(self.since, line.partition(" ")[0])
        if second >= self.since[: len(second)]:
            self._recent.append(known)
        return True
