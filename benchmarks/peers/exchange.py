"""What a peer's client tells the benchmark. Needs the standard library only: it runs in the peers' environments."""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager

READY, GO, CHECK = "ready", "go", "check"


@contextmanager
def announced_sending() -> Iterator[None]:
    """Wait for the word to send; afterwards say when it began, and what it cost this process; wait to check results."""
    _say(READY)
    _wait_for(GO)
    began, cpu = time.monotonic(), time.process_time()  # the clock is the machine's: the benchmark reads it too
    yield
    _say(json.dumps({"began": began, "cpu_s": time.process_time() - cpu}))
    _wait_for(CHECK)


def report_succeeded(jobs: int) -> None:
    """Say how many jobs have ended well, by the word of the peer's own interface."""
    _say(json.dumps({"succeeded": jobs}))


async def send_all(enqueue: Callable[[], Awaitable[str]], tasks: int, concurrency: int) -> list[str]:
    """Enqueue jobs, so many at a time, when the word comes; return their ids when results are to be checked."""
    ids: list[str] = []
    left = iter(range(tasks))

    async def one_after_another() -> None:
        for _ in left:
            ids.append(await enqueue())

    with announced_sending():
        await asyncio.gather(*(one_after_another() for _ in range(concurrency)))
    return ids


def _say(line: str) -> None:
    print(line, flush=True)


def _wait_for(word: str) -> None:
    if (line := sys.stdin.readline().strip()) != word:
        sys.exit(f"expected {word!r}, not {line!r}")
