"""Hearing what a supervisor and its mover say, at little cost however much that is."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import logging
import os
from collections.abc import Callable
from typing import Protocol

log = logging.getLogger(__name__)

BREATH_S = 0.02
"""A mover's output is read no oftener than this."""

_ROOM = 2**20
"""Bytes that a mover may say between two reads without having to wait: all that Linux grants by default."""


_AT_ONCE = 2**18


class Readable(Protocol):
    """What can be read in pieces."""

    async def read(self, most: int) -> bytes:
        """Return what is there, at most so many bytes, once anything is; nothing at the end."""
        ...


class Unhurried:
    """The reading end of a pipe that is looked at only now and then: rsync tells its progress with every file.

    It must be asked for within a running event loop, and closed.
    """

    def __init__(self, stream: asyncio.StreamReader, transport: asyncio.ReadTransport, writing_end: int) -> None:
        self.writing_end = writing_end
        """To be given to a process, and then closed here."""
        self._stream = stream
        self._transport = transport
        self._hurried = asyncio.Event()

    @classmethod
    async def open(cls) -> Unhurried:
        """Make a pipe. Raises OSError."""
        reading_end, writing_end = os.pipe()
        with contextlib.suppress(OSError):  # where less is granted, a mover that says much waits now and then
            fcntl.fcntl(writing_end, fcntl.F_SETPIPE_SZ, _ROOM)
        stream = asyncio.StreamReader(limit=_ROOM)
        transport, _ = await asyncio.get_running_loop().connect_read_pipe(
            lambda: asyncio.StreamReaderProtocol(stream), os.fdopen(reading_end, "rb", buffering=0)
        )
        return cls(stream, transport, writing_end)

    async def read(self, most: int) -> bytes:
        """Wait a breath and return what has come; nothing at the end."""
        if not self._hurried.is_set():
            self._transport.pause_reading()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(BREATH_S):
                    await self._hurried.wait()
            self._transport.resume_reading()
        return await self._stream.read(most)

    def hurry(self) -> None:
        """Wait for nothing any more: the end has come."""
        self._hurried.set()

    def close(self) -> None:
        """Read no more."""
        self._transport.close()


async def each_line(stream: Readable, take: Callable[[bytes], None], longest: int) -> None:
    """Call ``take`` with every line that is not empty; a line longer than ``longest`` bytes comes in pieces.

    What a carriage return has put something else over is left out, as on a terminal. Whatever ``take`` raises is
    logged: a line that cannot be understood must not keep us from hearing the next ones.
    """
    rest = b""
    while chunk := await stream.read(_AT_ONCE):
        *lines, last = (rest + chunk).split(b"\n")
        for line in lines:
            _hand_over(_shown(line), take)
        # The newest may not be whole yet, so the one before it is shown.
        overwritten, _, rest = last.rpartition(b"\r")
        _hand_over(_shown(overwritten), take)
        if len(rest) > longest:
            _hand_over(rest, take)
            rest = b""
    _hand_over(rest, take)


def _shown(line: bytes) -> bytes:
    return line.rstrip(b"\r").rpartition(b"\r")[2]


def _hand_over(line: bytes, take: Callable[[bytes], None]) -> None:
    if not line:
        return
    try:
        take(line)
    except Exception:
        log.exception("what the supervisor or its mover said could not be understood")
