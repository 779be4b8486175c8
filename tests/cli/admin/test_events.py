"""`admin events` and `admin blocks`."""

from __future__ import annotations

import asyncio
import json
import signal
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager
from typing import Any

import pytest

from application.live import LiveEvents
from entrypoints.container import make_container
from entrypoints.http.app import create_app
from entrypoints.http.server import embedded
from entrypoints.settings import Settings, StoreKind
from tests.cli import program
from tests.cli.admin.operator import Operator
from tests.http.service import TOKEN, running_service, settings, until
from tests.support.ports import free_port

WAY = ["pending", "dispatching", "running"]


@asynccontextmanager
async def following(operator: Operator, *arguments: str) -> AsyncIterator[program.Running]:
    """Run `admin events`, from when the service tells it what happens."""
    with program.running("admin", "events", *arguments, env=operator.environment) as running:
        await somebody_watches(await operator.service.container.get(LiveEvents))
        yield running


async def somebody_watches(hub: LiveEvents) -> None:
    """Wait until somebody is told what happens from now on."""

    async def watching() -> bool:
        return any(consumer.start is not None for consumer in hub.consumers)

    await until(watching, bool)


async def line(running: program.Running) -> str:
    """Read the next line."""
    return await asyncio.to_thread(running.output.readline)


async def objects(running: program.Running, number: int) -> list[dict[str, Any]]:
    """Read so many lines of --json."""
    return [json.loads(await line(running)) for _ in range(number)]


async def test_what_happens_is_printed_until_ctrl_c(operator: Operator) -> None:
    async with following(operator, "--kind", "task", "--user", "eve\x1b[31m") as running:
        await operator.submitted("running", "bob")
        task_id = await operator.submitted("running", "eve\x1b[31m")
        lines = [await line(running) for _ in WAY]
        assert [
            status for status, said in zip(WAY, lines, strict=True) if f"task {task_id}  {status}  low" in said
        ] == WAY
        assert all(each.isprintable() or each == "\n" for said in lines for each in said)
        assert r"eve\x1b[31m" in lines[0]
        assert await asyncio.to_thread(running.end, signal.SIGINT) == (0, "")


async def test_counts_are_printed(operator: Operator) -> None:
    async with following(operator, "--kind", "queue") as running:
        assert "queue: 0 wait, 0 more for the time of their retry, 0 at work" in await line(running)


async def test_since_goes_on_behind_an_event(operator: Operator) -> None:
    async with following(operator, "--json", "--kind", "task") as running:
        task_id = await operator.submitted("running")
        first = await objects(running, len(WAY))
        assert [(each["event"], each["data"]["status"]) for each in first] == [("task", status) for status in WAY]
    arguments = ("--json", "--kind", "task", "--kind", "progress", "--task", task_id, "--since", first[0]["id"])
    async with following(operator, *arguments) as running:
        assert await objects(running, 2) == first[1:]
        assert await asyncio.to_thread(running.end) == (0, "")


async def test_an_event_that_is_not_known_any_more_is_said(operator: Operator) -> None:
    async with following(operator, "--kind", "task", "--since", "ffffffff-1-0") as running:
        assert (await line(running)).startswith("reset: events may be missing")


@pytest.mark.parametrize(
    ("arguments", "told"), [(("--since", "x"), "not the id of an event"), (("--task", "x"), "task_id must be")]
)
async def test_what_is_not_accepted_is_1(operator: Operator, arguments: tuple[str, ...], told: str) -> None:
    assert told in await operator.refused("events", *arguments)


def test_a_service_that_is_away_at_first_is_3() -> None:
    url = f"http://127.0.0.1:{free_port()}"
    ended = program.run("admin", "events", env={"DMS_URL": url, "DMS_OPERATOR_TOKEN": "x"})
    assert (ended.returncode, ended.stderr.count("\n")) == (3, 1)


@asynccontextmanager
async def serving(chosen: Settings, port: int) -> AsyncIterator[LiveEvents]:
    """Serve on this port."""
    container = make_container(chosen)
    async with embedded(create_app(chosen, container), port=port):
        yield await container.get(LiveEvents)


@pytest.mark.slow
async def test_a_service_that_starts_again_is_followed_on(redis_url: str) -> None:
    port = free_port()
    chosen = settings(store=StoreKind.REDIS, redis_write_url=redis_url, redis_read_url=redis_url)
    environment = {"DMS_URL": f"http://127.0.0.1:{port}", "DMS_OPERATOR_TOKEN": TOKEN}
    arguments = ("admin", "events", "--json", "--kind", "task", "--user", "kim")
    async with running_service(chosen) as other:
        bodies = [await other.register("kim") for _ in range(2)]
        with ExitStack() as stack:
            async with serving(chosen, port) as hub:
                running = stack.enter_context(program.running(*arguments, env=environment))
                await somebody_watches(hub)
                await other.submit(bodies[0])
                seen = await objects(running, len(WAY) + 1)
            assert "trying again" in await line(running)
            await other.submit(bodies[1])
            await other.becomes(bodies[1], "completed")
            async with serving(chosen, port):
                while len(seen) < 2 * (len(WAY) + 1):
                    said = await line(running)
                    if "trying again" not in said:
                        seen.append(json.loads(said))
    assert [each["data"]["task_id"] for each in seen] == [bodies[0]["task_id"]] * 4 + [bodies[1]["task_id"]] * 4
    assert [each["data"]["status"] for each in seen] == [*WAY, "completed"] * 2


async def test_blocks_are_listed(operator: Operator) -> None:
    assert await operator.says("blocks") == "Nobody is blocked.\n"
    until_then = "2036-03-12T18:00:00+09:00"
    await operator.says("block", "[red]eve", "--reason", "quota exceeded", "--until", until_then)
    await operator.says("block", "bob")
    said = await operator.says("blocks")
    assert "[red]eve" in said
    assert "quota exceeded" in said
    assert "2036-03-12" in said
    assert "(everybody)" not in said
    assert set((await operator.answers("blocks"))["details"]) == {"[red]eve", "bob"}
    await operator.says("block", "--everybody", "--reason", "a new disk")
    assert "(everybody)" in await operator.says("blocks")
    document = await operator.answers("blocks")
    assert (document["blocked"], document["everybody"]["reason"], document["cursor"]) == (True, "a new disk", None)
