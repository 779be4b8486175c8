"""What a mover said, as people can read it and a record can hold it."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Mapping

MOST_LINES = 50
MOST_ERRORS = 20
MOST_CHARACTERS = 400
"""Per line."""

# Colours and cursor movements; then every character that moves text about or is not text at all.
_TERMINAL = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]|\x1b[@-_]")
_NOT_TEXT = re.compile(r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]")


def clean(line: str) -> str:
    """Return one line of plain text, cut to :data:`MOST_CHARACTERS`."""
    text = _TERMINAL.sub("", line.replace("\t", " ")).strip()
    text = _NOT_TEXT.sub(_as_number, text)
    if len(text) <= MOST_CHARACTERS:
        return text
    # The system's reason stands at the end, behind the path.
    half = MOST_CHARACTERS // 2
    return f"{text[:half]}…{text[1 - half :]}"


def _as_number(found: re.Match[str]) -> str:
    number = ord(found[0])
    # A byte that is not UTF-8 comes as a lone surrogate.
    return f"\\x{number & 0xFF if 0xDC80 <= number <= 0xDCFF else number:02x}"


class Tail:
    """Keeps the first errors and the last of the other lines: errors explain best where they begin."""

    def __init__(self, shown: Mapping[str, str]) -> None:
        """``shown`` maps the names that a mover has for paths to those that its user gave."""
        self._shown = sorted(shown.items(), key=lambda pair: -len(pair[0]))
        self._errors: list[str] = []
        self._more_errors = 0
        self._lines: deque[str] = deque(maxlen=MOST_LINES)

    @property
    def errors(self) -> tuple[str, ...]:
        """The first errors, at most :data:`MOST_ERRORS`."""
        return tuple(self._errors)

    @property
    def error_count(self) -> int:
        """How many errors there were."""
        return len(self._errors) + self._more_errors

    @property
    def last(self) -> str:
        """The last line that is no error, empty where there is none."""
        return self._lines[-1] if self._lines else ""

    def add(self, line: str) -> None:
        """Keep a line that is no error."""
        self._lines.append(self.readable(line))

    def add_error(self, line: str) -> None:
        """Keep an error."""
        if len(self._errors) < MOST_ERRORS:
            self._errors.append(self.readable(line))
        else:
            self._more_errors += 1

    def forgive(self) -> None:
        """What failed so far is tried again: its errors become ordinary lines."""
        self._lines.extend(self._errors)
        self._errors.clear()
        self._more_errors = 0

    def readable(self, line: str) -> str:
        """Return a line as a person can read it, with the user's own names of paths."""
        for name, shown in self._shown:
            line = line.replace(name, shown)
        return clean(line)

    def text(self, *, room_for: int = 0) -> str:
        """Return errors, then the last other lines; :data:`MOST_LINES` less ``room_for`` lines at most."""
        head = list(self._errors)
        if self._more_errors:
            head.append(f"… and {self._more_errors} more errors")
        room = MOST_LINES - room_for - len(head)
        return "\n".join([*head, *list(self._lines)[-room:]])
