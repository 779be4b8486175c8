"""The pages that list what is there list all of it."""

from __future__ import annotations

import re
from importlib.resources import files

from adapters.redis import keys
from entrypoints.cli.problems import ExitCode
from entrypoints.http.app import create_app
from entrypoints.settings import ExecutorKind, Settings, StoreKind
from tests.docs.markdown import DOCS, README, quoted, table

SCHEMA = DOCS / "redis-schema.md"
PREFIX = "<prefix>"


def described_keys() -> set[str]:
    """Every key that the schema page names, as it names it."""
    return {key for row in table(SCHEMA, "key") for key in quoted(row[0])}


def test_the_schema_page_has_every_key_of_the_queue() -> None:
    script = (files("adapters.redis") / "scripts" / "queue.lua").read_text("utf-8")
    named = set(re.findall(r"^-- +(<prefix>\S+)", script, re.MULTILINE))
    assert len(named) >= 9
    assert named <= described_keys()


def test_the_schema_page_has_every_key_of_the_adapters() -> None:
    plain = {value for name, value in vars(keys).items() if name.isupper() and isinstance(value, str)}
    made = {keys.ledger_key("<id>"), keys.beat_key("<watcher>"), keys.block_key("u").removesuffix("u") + "<user>"}
    named = {name.replace(keys.PREFIX, PREFIX) for name in plain | made} - {PREFIX}
    for name in named:
        # What ends with a colon is the beginning of keys.
        assert any(name == key or (name.endswith(":") and key.startswith(name)) for key in described_keys()) or (
            name.startswith("index:") and "index:*" in described_keys()
        ), name


def test_the_schema_page_has_every_script() -> None:
    scripts = {each.name for each in (files("adapters.redis") / "scripts").iterdir() if each.name.endswith(".lua")}
    described = {name for row in table(SCHEMA, "script") for name in quoted(row[0])}
    assert scripts == described | {"queue.lua", "outbox.lua"}


def test_the_api_page_has_every_route() -> None:
    settings = Settings(store=StoreKind.MEMORY, executor=ExecutorKind.PLACEHOLDER)
    routes = {
        f"{method.upper()} {path}"
        for path, item in create_app(settings).openapi_schema.to_schema()["paths"].items()
        for method in item
    }
    described = set()
    for row in table(DOCS / "api.md", "route"):
        last = ""
        for route in quoted(row[0]):
            # `…/enable` goes on where the route before it ends.
            last = re.sub(r"[^/]+$", "", last) + route.removeprefix("…/") if route.startswith("…") else route
            described.add(last.replace("{id}", "{task_id}"))
    assert routes <= described
    assert {route for route in described if "docs" not in route and "openapi" not in route} <= routes


def test_the_readme_tells_every_exit_code() -> None:
    (told,) = re.findall(r"Exit codes: (.*?)\n\n", README.read_text(), re.DOTALL)
    assert {int(number) for number in re.findall(r"\b\d+\b", told)} == {int(code) for code in ExitCode}
