"""A program under a pseudo terminal."""

from __future__ import annotations

import asyncio
import os
import pty
import select
import subprocess
import termios
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from tests.cli import program

ROWS, COLUMNS = 50, 140


@dataclass(slots=True)
class Terminal:
    """The terminal's other side."""

    process: subprocess.Popen[bytes]
    handle: int
    """What is written there is typed."""
    said: str = ""

    async def until(self, wanted: str) -> None:
        """Read until the program has written this."""
        while wanted not in self.said:
            text = await asyncio.to_thread(self._read)
            assert text, f"it ended without saying {wanted!r}: {self.said!r}"
            self.said += text

    async def end(self) -> int:
        """Read the rest, and return the exit code."""
        while text := await asyncio.to_thread(self._read):
            self.said += text
        return await asyncio.to_thread(self.process.wait, program.LONG_S)

    def type(self, keys: bytes) -> None:
        """Press keys."""
        os.write(self.handle, keys)

    def _read(self) -> str:
        # Whoever waits for ever shows nothing of what was said until then.
        ready, _, _ = select.select([self.handle], [], [], program.LONG_S)
        assert ready, f"it says nothing any more: {self.said!r}"
        try:
            return os.read(self.handle, 65_536).decode(errors="replace")
        except OSError:
            return ""  # the program has ended, and nobody holds the terminal any more


@contextmanager
def terminal(variables: Mapping[str, str], *arguments: str) -> Iterator[Terminal]:
    """Run a command of `admin` on a terminal of its own."""
    handle, other = pty.openpty()
    termios.tcsetwinsize(other, (ROWS, COLUMNS))
    # Whoever runs the tests may have set a size of its own, and that would count for more than the terminal's.
    size = {"COLUMNS": str(COLUMNS), "LINES": str(ROWS)}
    environment = {**program.environment(variables), **size, "TERM": "xterm-256color"}
    process = subprocess.Popen(
        [*program.COMMAND, "admin", *arguments],
        env=environment,
        stdin=other,
        stdout=other,
        stderr=other,
        start_new_session=True,
    )
    os.close(other)
    try:
        yield Terminal(process, handle)
    finally:
        process.kill()
        process.wait()
        os.close(handle)
