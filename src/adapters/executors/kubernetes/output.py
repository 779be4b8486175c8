"""What the launcher printed, as a record can hold it: errors and warnings first, then the last lines."""

from __future__ import annotations

import json
import re
from collections import deque

from adapters.executors.kubernetes.progress import of_mpifileutils, of_rclone
from adapters.executors.output import clean
from domain.values import Progress

MOST_ERRORS = 20
MOST_WARNINGS = 20
MOST_LINES = 50
LONGEST_LINE = 16 * 1024
"""Bytes of a line that are kept while it is being read."""

_ERROR = re.compile(
    r"\b(?:error|fatal|abort(?:ed|ing)?|fail(?:ed|ure)|panic|denied|segmentation fault)\b", re.IGNORECASE
)
_WARNING = re.compile(r"\bwarn(?:ing)?\b", re.IGNORECASE)
_NO_ERRORS = re.compile(
    r"\b(?:no|0) (?:errors?|failures?)\b|\b(?:errors?|failed|failures?)\s*[:=]\s*0\b", re.IGNORECASE
)
_ERROR_LEVELS = frozenset({"error", "critical", "alert", "emergency", "fatal", "panic"})


class Output:
    """Hears lines, and keeps what tells most of them: the first errors and warnings, the last error, the last lines."""

    def __init__(self) -> None:
        self.progress: Progress | None = None
        self._errors: list[str] = []
        self._more_errors = 0
        self._last_error = ""
        self._warnings: deque[str] = deque(maxlen=MOST_WARNINGS)
        self._lines: deque[str] = deque(maxlen=MOST_LINES)

    @property
    def errors(self) -> tuple[str, ...]:
        """The first errors, and the last one."""
        last = (self._last_error,) if self._more_errors else ()
        return (*self._errors, *last)

    @property
    def last(self) -> str:
        """The last line that is neither an error nor a warning."""
        return self._lines[-1] if self._lines else ""

    def hear(self, line: str) -> None:
        """Take in one line."""
        entry = _json(line)
        if entry is None:
            self._hear_text(line)
        elif isinstance(stats := entry.get("stats"), dict):
            self.progress = of_rclone(stats)
        else:
            about = str(entry.get("object") or "")
            message = str(entry.get("msg") or "")
            self._keep(f"{about}: {message}" if about else message, str(entry.get("level") or ""))

    def forget_errors(self) -> None:
        """The work begins anew, in another pod: what failed before becomes ordinary lines."""
        self._lines.extend(self._errors)
        self._errors.clear()
        self._more_errors = 0

    def text(self) -> str | None:
        """Return what there is to read, None where nothing was printed."""
        more = [f"… and {self._more_errors} more errors, the last: {self._last_error}"] if self._more_errors else []
        return "\n".join([*self._errors, *more, *self._warnings, *self._lines]) or None

    def _hear_text(self, line: str) -> None:
        if (progress := of_mpifileutils(line)) is not None:
            self.progress = progress
            self._keep(line, "info")
        elif _ERROR.search(line) and not _NO_ERRORS.search(line):
            self._keep(line, "error")
        else:
            self._keep(line, "warning" if _WARNING.search(line) else "info")

    def _keep(self, line: str, level: str) -> None:
        text = clean(line)
        if not text:
            return
        if level in _ERROR_LEVELS:
            if len(self._errors) < MOST_ERRORS:
                self._errors.append(text)
            else:
                self._more_errors += 1
                self._last_error = text
        elif level == "warning":
            self._warnings.append(text)
        else:
            self._lines.append(text)


class LineSplitter:
    """Makes lines of bytes; a carriage return ends one too, for movers redraw their progress with it."""

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, chunk: bytes) -> list[str]:
        """Return the lines that are complete now."""
        *lines, self._rest = re.split(rb"[\r\n]", self._rest + chunk)
        self._rest = self._rest[:LONGEST_LINE]
        return [line.decode("utf-8", "surrogateescape") for line in lines if line]

    def end(self) -> list[str]:
        """Return what was left without an end."""
        rest, self._rest = self._rest, b""
        return [rest.decode("utf-8", "surrogateescape")] if rest else []


def _json(line: str) -> dict[str, object] | None:
    if not line.startswith("{"):
        return None
    try:
        entry = json.loads(line)
    except ValueError:
        return None
    return entry if isinstance(entry, dict) and ("msg" in entry or "stats" in entry) else None
