"""The Lua scripts of this package, which are in its folder ``scripts``."""

from __future__ import annotations

from importlib.resources import files

from redis.asyncio import Redis
from redis.commands.core import AsyncScript

REFUSED_WHEN_FULL = "#!lua"
"""First line of a script that Redis refuses, before it does anything, where it could refuse one of its writes."""

ALLOW_OOM = "#!lua flags=allow-oom"
"""First line of a script that works also when Redis has reached its maxmemory."""


def load_script(client: Redis, name: str, *, with_queue: bool = False, refused_when_full: bool = False) -> AsyncScript:
    """Return a script as something to call. The arguments are those of :func:`script_text`."""
    return client.register_script(script_text(name, with_queue=with_queue, refused_when_full=refused_when_full))


def script_text(name: str, *, with_queue: bool = False, refused_when_full: bool = False) -> str:
    """Return a script's text, with the queue's shared functions in front where it uses them.

    With ``refused_when_full`` a script that works without memory to spare is refused then all the same.
    """
    first_line, _, body = _read(name).partition("\n")
    assert first_line in (REFUSED_WHEN_FULL, ALLOW_OOM), f"{name}.lua does not say what it does when Redis is full"
    shared = _read("queue") if with_queue else ""
    return f"{REFUSED_WHEN_FULL if refused_when_full else first_line}\n{shared}{body}"


def _read(name: str) -> str:
    return (files("adapters.redis") / "scripts" / f"{name}.lua").read_text("utf-8")
