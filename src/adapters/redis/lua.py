"""The Lua scripts of this package, which are in its folder ``scripts``."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from importlib.resources import files
from typing import Any

from redis.exceptions import NoScriptError

from adapters.redis.autopipeline import AutoPipelinedRedis

REFUSED_WHEN_FULL = "#!lua"
"""First line of a script that Redis refuses, before it does anything, where it could refuse one of its writes."""

ALLOW_OOM = "#!lua flags=allow-oom"
"""First line of a script that works also when Redis has reached its maxmemory."""

FUNCTIONS: Mapping[str, Sequence[str]] = {"commit": ("outbox",)}
"""Files of functions that stand in front of a script, behind the queue's."""


Argument = str | bytes | int


class Script:
    """A script as something to call: one command, and two more where the server does not know the script yet.

    redis-py's own asks first which kind of client it has, and encodes anew what it then sends: as much work again as
    the command itself, three times for each task.
    """

    def __init__(self, client: AutoPipelinedRedis, text: str) -> None:
        self.text = text
        self.sha = hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()
        self._client = client

    async def __call__(self, keys: Sequence[str | bytes] = (), args: Sequence[Argument] = ()) -> Any:
        """Return what the script returns. Raises RedisError and OSError."""
        command = ("EVALSHA", self.sha, len(keys), *keys, *args)
        try:
            return await self._client.ask(*command)
        except NoScriptError:
            await self._client.script_load(self.text)
            return await self._client.ask(*command)


def load_script(
    client: AutoPipelinedRedis, name: str, *, with_queue: bool = False, refused_when_full: bool = False
) -> Script:
    """Return a script as something to call. The arguments are those of :func:`script_text`."""
    return Script(client, script_text(name, with_queue=with_queue, refused_when_full=refused_when_full))


def script_text(name: str, *, with_queue: bool = False, refused_when_full: bool = False) -> str:
    """Return a script's text, with the queue's shared functions in front where it uses them.

    Behind those come the functions that only this script uses. With ``refused_when_full`` a script that works without
    memory to spare is refused then all the same.
    """
    first_line, _, body = _read(name).partition("\n")
    assert first_line in (REFUSED_WHEN_FULL, ALLOW_OOM), f"{name}.lua does not say what it does when Redis is full"
    shared = "".join(_read(each) for each in ("queue", *FUNCTIONS.get(name, ()))) if with_queue else ""
    return f"{REFUSED_WHEN_FULL if refused_when_full else first_line}\n{shared}{body}"


def _read(name: str) -> str:
    return (files("adapters.redis") / "scripts" / f"{name}.lua").read_text("utf-8")
