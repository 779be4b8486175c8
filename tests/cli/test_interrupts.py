"""Ctrl-C, once and twice."""

from __future__ import annotations

import asyncio
import os
import signal

import pytest

from entrypoints.cli.interrupts import interrupts


def press_ctrl_c() -> None:
    os.kill(os.getpid(), signal.SIGINT)


async def test_work_that_ends_by_itself_is_not_disturbed() -> None:
    async def work() -> str:
        return "done"

    async def never() -> None:
        raise AssertionError("nobody asked for an end")

    with interrupts() as ctrl_c:
        assert await ctrl_c.wait_for(work(), never) == "done"
        assert not ctrl_c.asked.is_set()


async def test_the_first_asks_for_the_end_and_waits_for_it() -> None:
    asked = asyncio.Event()

    async def work() -> str:
        press_ctrl_c()
        await asked.wait()
        return "stopped in order"

    async def ask() -> None:
        asked.set()

    with interrupts() as ctrl_c:
        assert await ctrl_c.wait_for(work(), ask) == "stopped in order"
        assert ctrl_c.asked.is_set()


async def test_one_before_the_work_began_counts_too() -> None:
    asked = asyncio.Event()

    async def ask() -> None:
        asked.set()

    with interrupts() as ctrl_c:
        press_ctrl_c()
        await ctrl_c.asked.wait()
        assert await ctrl_c.wait_for(asked.wait(), ask)


async def test_the_second_leaves_at_once() -> None:
    async def forever() -> None:
        await asyncio.Event().wait()

    async def ask() -> None:
        press_ctrl_c()

    async def program() -> None:
        with interrupts() as ctrl_c:
            press_ctrl_c()
            await ctrl_c.wait_for(forever(), ask)

    with pytest.raises(asyncio.CancelledError):
        await asyncio.create_task(program())


async def test_the_handlers_of_before_come_back() -> None:
    before = signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)
    with interrupts():
        pass
    assert (signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)) == before
