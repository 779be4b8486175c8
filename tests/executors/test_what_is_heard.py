"""What comes through the pipes from a supervisor and its mover."""

from __future__ import annotations

import asyncio
import json
import logging
import os

import pytest

from adapters.executors.local.hearing import Unhurried, each_line
from adapters.executors.local.process import _LONGEST_EVENT, _LONGEST_LINE
from adapters.executors.local.supervisor.job import PROBLEMS_TOLD
from adapters.executors.local.supervisor.walking import Notes

DEEP = "/".join(["가" * 80] * 40)
"""A path as long as Linux takes one, in letters that JSON writes with six characters each."""


async def heard(said: bytes, longest: int) -> list[bytes]:
    """What is taken of a stream."""
    stream = asyncio.StreamReader(limit=2**16)
    stream.feed_data(said)
    stream.feed_eof()
    lines: list[bytes] = []
    await each_line(stream, lines.append, longest)
    return lines


async def test_an_event_with_the_longest_paths_comes_whole() -> None:
    notes = Notes()
    for _ in range(PROBLEMS_TOLD):
        notes.add(DEEP, "permission denied")
    event = json.dumps({"event": "settled", "problems": notes.told, "notes": notes.told}).encode()
    assert len(event) > _LONGEST_LINE
    assert await heard(event + b"\n" + event + b"\n", _LONGEST_EVENT) == [event, event]


def test_a_long_path_is_told_with_its_beginning_and_its_end() -> None:
    notes = Notes()
    notes.add(f"first/{DEEP}/last", "permission denied")
    (told,) = notes.told
    assert told.startswith("first/")
    assert told.endswith("/last: permission denied")
    assert len(told) < len(DEEP) / 2


async def test_a_mover_s_endless_line_comes_in_pieces() -> None:
    endless = b"x" * 2**21
    *pieces, short, last = await heard(endless + b"\nshort\nlast", _LONGEST_LINE)
    assert b"".join(pieces) == endless
    assert len(pieces) > 1
    assert (short, last) == (b"short", b"last")


async def test_only_what_a_terminal_would_still_show_is_heard() -> None:
    assert await heard(b"\r 1%\r 2%\r 3% done\nnext\r\n\r\r\n 10%\r 20%\r 30", 100) == [
        b" 3% done",
        b"next",
        b" 20%",
        b" 30",
    ]


async def test_a_pipe_is_heard_now_and_then_and_to_its_end() -> None:
    pipe = await Unhurried.open()
    lines: list[bytes] = []
    heard_one = asyncio.Event()

    def take(line: bytes) -> None:
        lines.append(line)
        heard_one.set()

    hearing = asyncio.create_task(each_line(pipe, take, 100))
    try:
        os.write(pipe.writing_end, b"first\n")
        await heard_one.wait()
        pipe.hurry()
        os.write(pipe.writing_end, b"second\nlast")
        os.close(pipe.writing_end)
        await hearing
    finally:
        pipe.close()
    assert lines == [b"first", b"second", b"last"]


async def test_what_cannot_be_understood_is_logged_and_the_next_line_is_heard(caplog: pytest.LogCaptureFixture) -> None:
    stream = asyncio.StreamReader()
    stream.feed_data(b"{broken\n[1]\n")
    stream.feed_eof()
    understood: list[object] = []
    await each_line(stream, lambda line: understood.append(json.loads(line)), 100)
    assert understood == [[1]]
    assert [record.levelno for record in caplog.records] == [logging.ERROR]
