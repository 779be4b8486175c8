"""`admin top`, on a terminal and without one."""

from __future__ import annotations

import asyncio
import re
import signal
import termios

import pytest

from tests.cli import program
from tests.cli.admin.operator import Operator
from tests.cli.admin.terminal import terminal
from tests.support.ports import free_port

ALTERNATE, MAIN = "\x1b[?1049h", "\x1b[?1049l"
HIDE, SHOW = "\x1b[?25l", "\x1b[?25h"
"""What a terminal is told at the beginning and at the end of a view that fills it."""


@pytest.mark.parametrize("how", ["q", *(pytest.param(how, marks=pytest.mark.slow) for how in ("ctrl-c", "sigterm"))])
async def test_it_ends_when_asked_and_leaves_the_terminal_as_it_was(operator: Operator, how: str) -> None:
    with terminal(operator.environment, "top") as top:
        before = termios.tcgetattr(top.handle)
        await top.until("Replicas")
        if how == "q":
            top.type(b"q")
        else:
            top.process.send_signal(signal.SIGINT if how == "ctrl-c" else signal.SIGTERM)
        assert await top.end() == 0
        assert termios.tcgetattr(top.handle) == before
    assert top.said.rindex(MAIN) > top.said.rindex(ALTERNATE)
    assert top.said.rindex(SHOW) > top.said.rindex(HIDE)
    assert "Traceback" not in top.said


async def test_it_shows_what_happens(operator: Operator) -> None:
    with terminal(operator.environment, "top", "--every", "0.2") as top:
        await top.until("0 at work on 2 slots")
        await operator.submitted("running")
        await top.until("1 at work on 2 slots, 0 waiting")
        await top.until("50%")
        await operator.service.admin("POST", "/drain")
        await top.until("nothing is claimed")
        top.type(b"q")
        assert await top.end() == 0


async def test_without_a_terminal_it_prints_once(operator: Operator) -> None:
    for user in ("alice", "bob"):
        await operator.submitted("running", user)
    for user in ("carol", "carol", "alice"):
        await operator.service.submit(await operator.service.register(user))
    said = await operator.says("top")
    assert "\x1b" not in said
    assert "2 at work on 2 slots, 3 waiting" in said
    for told in (
        r"sync +alice .* 50% +512 bytes of 1.0 kB +128 bytes/s +0:00:04",
        r"low +sync +3",
        r"carol +0 +2 +0 bytes",
        r"alice +1 +1 +512 bytes",
    ):
        assert re.search(told, said), told
    shown = await operator.answers("top")
    assert shown["users"][0] == {"user_id": "alice", "running": 1, "waiting": 1, "bytes_day": 512}
    assert [head["user_id"] for head in shown["queue"]["heads"]] == ["carol", "alice"]
    assert len(shown["replicas"]) == 1
    assert shown["throughput"]["hour"]["total"]["bytes"] == 1024
    assert "last hour: 0.0 tasks/min" in said


@pytest.mark.slow
async def test_a_service_that_goes_away_is_waited_for() -> None:
    address = ("--host", "127.0.0.1", "--port", str(free_port()))
    serving = {"DMS_EXECUTOR": "placeholder", "DMS_STORE": "memory", "DMS_OPERATOR_TOKEN": "x"}
    asking = {"DMS_URL": f"http://127.0.0.1:{address[-1]}", "DMS_OPERATOR_TOKEN": "x"}
    with program.running("serve", *address, env=serving) as service:
        await asyncio.to_thread(service.lines_until, '"recovered"')
        with terminal(asking, "top", "--every", "0.2") as top:
            await top.until("0 at work")
            await asyncio.to_thread(service.end)
            await top.until("trying again")
            with program.running("serve", *address, env={**serving, "DMS_SLOTS": "7"}) as again:
                await asyncio.to_thread(again.lines_until, '"recovered"')
                await top.until("on 7 slots")
                top.type(b"q")
                assert await top.end() == 0
