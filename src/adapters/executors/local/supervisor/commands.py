"""Lines from the scheduler, as they come over standard input."""

from __future__ import annotations

import os

COMMANDS_FD = 0


class Commands:
    """Reads without waiting for more than there is, but for the first line."""

    def __init__(self) -> None:
        self._buffer = b""

    def next_line(self) -> bytes:
        """Wait for one line. Raises EOFError when the scheduler is gone."""
        while b"\n" not in self._buffer:
            if not self.read():
                raise EOFError
        line, self._buffer = self._buffer.split(b"\n", 1)
        return line

    def read(self) -> bool:
        """Read what is there; False when the scheduler is gone."""
        chunk = os.read(COMMANDS_FD, 65536)
        self._buffer += chunk
        return bool(chunk)

    def lines(self) -> list[bytes]:
        """Take the whole lines that were read."""
        *lines, self._buffer = self._buffer.split(b"\n")
        return lines
