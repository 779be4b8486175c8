"""What comes through the pipes from a supervisor and its mover."""

from __future__ import annotations

import asyncio
import json
import logging

import pytest

from adapters.executors.local.process import _LONGEST_EVENT, _LONGEST_LINE, _each_line
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
    await _each_line(stream, lines.append, longest)
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
    endless = b"x" * (3 * _LONGEST_LINE)
    pieces = await heard(endless + b"\nshort\r\rlast", _LONGEST_LINE)
    assert b"".join(pieces) == endless + b"shortlast"
    assert max(map(len, pieces)) < 3 * _LONGEST_LINE
    assert pieces[-2:] == [b"short", b"last"]


async def test_what_cannot_be_understood_is_logged_and_the_next_line_is_heard(caplog: pytest.LogCaptureFixture) -> None:
    stream = asyncio.StreamReader()
    stream.feed_data(b"{broken\n[1]\n")
    stream.feed_eof()
    understood: list[object] = []
    await _each_line(stream, lambda line: understood.append(json.loads(line)), 100)
    assert understood == [[1]]
    assert [record.levelno for record in caplog.records] == [logging.ERROR]
