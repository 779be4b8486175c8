"""The scheduler's end of a supervisor: start it, speak to it, hear what it and its mover say."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import cast

from adapters.executors.local.hearing import Unhurried, each_line
from adapters.executors.local.supervisor.job import Event, Job, now

LAST_WORDS_S = 0.5
"""A mover whose lease runs out gets TERM this long before its end, to clean up."""

LAST_WORDS_SHARE = 0.25
"""The most of what is left of a lease that goes into last words, so that a short one has room for work too."""

_PACKAGES = str(Path(__file__).resolve().parents[3])
_PROGRAM = "import sys; sys.path.append(sys.argv[1]); from adapters.executors.local.supervisor.main import main; main()"
_ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"}
"""None of the service's secrets reach the supervisor, or the user's processes that it starts."""

_LONGEST_LINE = 65536
"""Of a mover's output: a longer one comes in pieces."""
_LONGEST_EVENT = 4 * 1024 * 1024
"""Far more than the longest paths of all problems that one event tells of."""


def deadlines(until: float, at: float) -> tuple[float, float]:
    """Return when a mover gets TERM and when KILL: nothing of it is left when the lease ends.

    Seen from the instant ``at``. However little is left of the lease, TERM lies between the two.
    """
    return until - min(LAST_WORDS_S, LAST_WORDS_SHARE * max(0.0, until - at)), until


class SupervisedProcess:
    """One supervisor and what it supervises.

    ``on_event`` and ``on_line`` are called as things happen. When the supervisor has ended, and with it everything that
    it started, ``ended`` is set.
    """

    def __init__(
        self,
        process: asyncio.subprocess.Process,
        output: Unhurried,
        on_event: Callable[[Event], None],
        on_line: Callable[[str], None],
    ) -> None:
        self.ended = asyncio.Event()
        self._process = process
        self._output = output
        self._on_event = on_event
        self._on_line = on_line
        self._told_end = False
        self._until = 0.0
        self._following = asyncio.create_task(self._follow())

    @classmethod
    async def start(
        cls, job: Job, on_event: Callable[[Event], None], on_line: Callable[[str], None]
    ) -> SupervisedProcess:
        """Start a supervisor and give it its job. Raises OSError where no process can be started."""
        output = await Unhurried.open()
        try:
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                *("-I", "-S", "-X", "utf8", "-c", _PROGRAM, _PACKAGES),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=output.writing_end,
                env=_ENVIRONMENT,
                # Ctrl-C on a terminal is the scheduler's to handle.
                start_new_session=True,
            )
        except BaseException:
            output.close()
            raise
        finally:
            os.close(output.writing_end)
        started = cls(process, output, on_event, on_line)
        started._until = job["kill_at"]
        started._send(job)
        return started

    def stop(self) -> None:
        """Ask for the end of the work."""
        self._send(["stop"])

    def renew(self, until: float) -> None:
        """Let the work go on until then.

        What is sent are instants, not a span: however late the supervisor reads them, it grants no more.
        """
        if until > self._until:
            self._until = until
            self._send(["renew", *deadlines(until, now())])

    async def close(self) -> None:
        """End the work as if the scheduler had gone, and wait until nothing of it is left."""
        if self._process.stdin is not None:
            self._process.stdin.close()
        await asyncio.shield(self._following)

    def _send(self, message: object) -> None:
        pipe = self._process.stdin
        if pipe is None or pipe.is_closing():
            return
        # A supervisor that has just ended cannot be told anything any more, nor need it be.
        with contextlib.suppress(OSError, RuntimeError):
            pipe.write(json.dumps(message).encode() + b"\n")

    async def _follow(self) -> None:
        try:
            await asyncio.gather(self._hear_events(), each_line(self._output, self._take_line, _LONGEST_LINE))
            await self._process.wait()
        finally:
            self._output.close()
            if self._process.stdin is not None:
                self._process.stdin.close()
            if not self._told_end:
                self._on_event({"event": "ended", "cause": "", "finished": False})
            self.ended.set()

    async def _hear_events(self) -> None:
        assert self._process.stdout is not None
        try:
            await each_line(self._process.stdout, self._take_event, _LONGEST_EVENT)
        finally:
            self._output.hurry()

    def _take_event(self, line: bytes) -> None:
        event = cast(Event, json.loads(line))
        self._told_end = self._told_end or event["event"] == "ended"
        self._on_event(event)

    def _take_line(self, line: bytes) -> None:
        self._on_line(line.decode(errors="surrogateescape"))
