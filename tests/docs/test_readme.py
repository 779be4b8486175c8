"""The README's examples work as they stand against what `make serve` starts, and its tables are true."""

from __future__ import annotations

import json
import re
import signal
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import pytest
from redis import Redis

from entrypoints.cli.compare import compare_trees
from entrypoints.cli.main import COMMANDS
from entrypoints.settings import settings_table
from tests.cli import program
from tests.docs.config_table import wanted_table, written_table
from tests.docs.markdown import DOCS, README, blocks, quoted, table
from tests.docs.shell import Shell, shell
from tests.support.needs import require_program
from tests.support.ports import free_port

EXPORT = "  export DMS_REDIS_WRITE_URL="
WAIT = """\
until curl -sS "$DMS_URL/admin/tasks/{}" -H "X-Operator-Token: $DMS_TOKEN" | grep -q '"status":"{}"'
do sleep 0.1; done
"""

# One service for all of them, also where tests are spread over processes.
pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("readme")]


@dataclass(frozen=True, slots=True)
class Tried:
    """What came of the examples."""

    first_task: list[str]
    """Answers to the three commands that `serve` prints."""
    outputs: list[str]
    """One for each block of the README."""
    python: str
    """What the Python of docs/api.md printed."""
    data: Path
    redis: Redis


@pytest.fixture(scope="module")
def tried() -> Iterator[Tried]:
    """Start the service, paste what it prints, then paste the README."""
    require_program("redis-server")
    require_program("curl")
    port = str(free_port())
    with program.running("serve", "--with-local-redis", "--port", port) as service, shell() as terminal:
        printed = service.lines_until(EXPORT)
        export = printed[-1].strip()
        commands = [line.strip() for line in printed if re.match(r"  (id=|curl )", line)]
        first_task = [terminal.paste(command) for command in commands]
        terminal.paste(export)
        terminal.paste(WAIT.format("$id", "completed"))
        outputs = list(paste_readme(terminal))
        (block,) = blocks(DOCS / "api.md", "python")
        python = terminal.paste(f"{sys.executable} - <<'END'\n{block}END")
        url = terminal.paste('echo "$DMS_REDIS_WRITE_URL"').strip()
        data = Path(terminal.paste('echo "$DMS_DATA"').strip())
        with Redis.from_url(url, decode_responses=True) as redis:
            yield Tried(first_task, outputs, python, data, redis)
        code, _ = service.end(signal.SIGINT)
    assert code == 0
    assert not data.exists()


def paste_readme(terminal: Shell) -> Iterator[str]:
    """Paste each block, and wait where a reader would."""
    for number, block in enumerate(blocks(README, "bash")):
        yield terminal.paste(block)
        if number == 0:
            terminal.paste(WAIT.format("$id", "completed"))
        if "/cancel" in block:
            terminal.paste(WAIT.format("$slow", "cancelled"))


def documents(output: str) -> list[dict[str, object]]:
    """The JSON answers in an output. curl ends none of them with a line break."""
    found, rest, decoder = [], output.strip(), json.JSONDecoder()
    while rest:
        document, end = decoder.raw_decode(rest)
        found.append(document)
        rest = rest[end:].strip()
    return found


def test_the_first_task_that_serve_prints_is_done(tried: Tried) -> None:
    assert len(tried.first_task) == 3
    assert documents(tried.first_task[1])[0]["status"] == "dispatching"
    assert documents(tried.first_task[2])[0]["task_id"] == "1"
    assert compare_trees(tried.data / "source", tried.data / "copies" / "first").differences == ()


def test_the_readme_moves_a_tree(tried: Tried) -> None:
    assert documents(tried.outputs[0]) == [{"task_id": "2", "status": "dispatching"}]
    (detail,) = documents(tried.outputs[1])
    assert detail["status"] == "completed"
    assert compare_trees(tried.data / "source", tried.data / "copies" / "mine").differences == ()


def test_the_readme_cancels_a_task(tried: Tried) -> None:
    accepted, cancelled = documents(tried.outputs[2])
    assert accepted["status"] == "dispatching"
    assert cancelled["status"] in ("cancel_requested", "cancelled")
    assert json.loads(cast(str, tried.redis.get("task:3")))["status"] == "cancelled"


def test_the_readme_shows_what_operators_do(tried: Tried) -> None:
    priority, blocked, enabled, all_blocked, all_enabled, *about_one, blocks_now, queue, tasks = documents(
        tried.outputs[3]
    )
    assert priority == {"task_id": "4", "priority": "high"}
    assert [each["blocked"] for each in (blocked, enabled, all_blocked, all_enabled)] == [True, False, True, False]
    why, retried, stopped, events, audit = about_one
    assert (why["kind"], retried["generation"], stopped["task_id"]) == ("cancelled", 2, "3")
    assert "retried" in {event["kind"] for event in cast("list[dict[str, object]]", events["events"])}
    actions = [event["action"] for event in cast("list[dict[str, object]]", audit["events"])]
    assert actions == ["cancel", "retry", "enable", "block", "enable", "block", "priority"]
    assert (blocks_now["blocked"], blocks_now["users"]) == (False, [])
    assert queue["waiting"] == []
    shown = cast("list[dict[str, object]]", tasks["tasks"])
    assert {task["task_id"] for task in shown} == {"1", "2"}


def test_the_readme_shows_what_everybody_may_ask(tried: Tried) -> None:
    alive, ready, help_page, api = documents(tried.outputs[4])
    assert (alive["status"], ready["status"], help_page["service"]) == ("ok", "ready", "dms-scheduler")
    assert "/tasks/task" in cast("dict[str, object]", api["paths"])


def test_the_python_of_the_api_page_runs(tried: Tried) -> None:
    refused, *listed = tried.python.strip().splitlines()
    assert refused.startswith("404 task 999999 is not registered")
    assert {line.split()[0] for line in listed} == {"1", "2"}


def test_every_key_that_is_there_is_in_the_schema_with_its_type(tried: Tried) -> None:
    described = [
        (key_pattern(key), kind)
        for keys, kinds, *_ in table(DOCS / "redis-schema.md", "key")
        for key, kind in zip(quoted(keys), types(kinds, len(quoted(keys))), strict=True)
    ]
    unknown = []
    for name in cast("list[str]", tried.redis.keys("*")):
        found = tried.redis.type(name)
        if not any(re.fullmatch(pattern, name) and found in kind for pattern, kind in described):
            unknown.append((name, found))
    assert not unknown


def test_the_configuration_table_is_that_of_the_settings() -> None:
    assert written_table(README.read_text()) == wanted_table()
    assert len(settings_table()) == wanted_table().count("\n| `DMS_")


def test_the_command_table_names_every_command() -> None:
    named = {quoted(row[0])[0].split()[1] for row in table(README, "command")}
    assert named == COMMANDS.keys()


def key_pattern(described: str) -> str:
    """The regular expression of a key as the page writes it."""
    parts = {
        "prefix": "dms:scheduler:",
        "id": r"\d+",
        "user": "[^:]+",
        "lane": "(high|low):[^:]+",
        "watcher": r"\w+",
        "owner": "[^:]+",
        "hour": r"\d+",
        "quarter": r"\d+",
        "route": "[^:]+",
    }
    pieces = re.split(r"<(\w+)>", described)
    literal = [re.escape(piece).replace(r"\*", ".*") for piece in pieces[::2]]
    named = [parts[piece] for piece in pieces[1::2]]
    return "".join(each for pair in zip(literal, [*named, ""], strict=True) for each in pair)


def types(described: str, count: int) -> list[set[str]]:
    """Redis' own names of the types in a cell, for each key of the row."""
    names = {"sorted set": "zset", "sets": "set", "integer": "string", "channel": "none"}
    each = [{names.get(kind, kind)} for kind in described.split(", ")]
    return each if len(each) == count else each * count
