"""Each fault of a real Redis server that has a name: how it is brought about, and how it is over."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from redis import Redis

from tests.support.ports import free_port
from tests.support.redis_server import RedisServer


@dataclass(frozen=True)
class Breakage:
    """A fault that lasts as long as the context that `brings` it about."""

    code: str
    """As Redis counts it in `INFO errorstats`."""
    words: str
    """What an operator is told."""
    brings: Callable[[RedisServer], AbstractContextManager[None]]
    passes: bool
    """Whether another try may help."""
    options: Mapping[str, Any] = field(default_factory=dict)
    """What the server must be started with, as `start_redis` takes it."""
    reads: bool = False
    """Whether it fails reads too."""


@contextmanager
def _setting(server: RedisServer, name: str, value: str) -> Iterator[None]:
    with server.client() as client:
        before = client.config_get(name)[name]
        client.config_set(name, value)
        try:
            yield
        finally:
            client.config_set(name, before)


def out_of_memory(server: RedisServer) -> AbstractContextManager[None]:
    """Have less memory than is used already."""
    return _setting(server, "maxmemory", "1")


def no_replicas(server: RedisServer) -> AbstractContextManager[None]:
    """Want more replicas than there are."""
    return _setting(server, "min-replicas-to-write", "1")


@contextmanager
def unsaved(server: RedisServer) -> Iterator[None]:
    """Let a snapshot fail: the directory is gone."""
    directory = Path(server.directory) / "gone"
    directory.mkdir()
    with server.client() as client:
        client.config_set("dir", str(directory))
        client.config_set("save", "3600 1000000")
        directory.rmdir()
        client.bgsave()
        while client.info("persistence")["rdb_last_bgsave_status"] == "ok":
            pass
        try:
            yield
        finally:
            client.config_set("save", "")
            client.config_set("dir", str(server.directory))


@contextmanager
def demoted(server: RedisServer) -> Iterator[None]:
    """Be the replica of a master that nobody reaches."""
    with server.client() as client:
        client.replicaof("127.0.0.1", str(free_port()))
        try:
            yield
        finally:
            client.replicaof("NO", "ONE")


@contextmanager
def busy(server: RedisServer) -> Iterator[None]:
    """Run a script that never ends, and end it."""
    with server.client() as client:
        client.config_set("busy-reply-threshold", "1")
        with _asked(server, "EVAL", "while true do end", "0"):
            while not _answers_with(client, "BUSY"):
                pass
            try:
                yield
            finally:
                assert _answers_with(client, "BUSY"), "somebody has killed the script"
                client.script_kill()


@contextmanager
def loading(server: RedisServer) -> Iterator[None]:
    """Load again what was saved, slowly."""
    with server.client() as client:
        client.mset({f"padding:{number}": "x" * 100 for number in range(20_000)})
        client.config_set("key-load-delay", "1000")
        with _asked(server, "DEBUG", "RELOAD") as asked:
            while not _answers_with(client, "LOADING"):
                pass
            yield
            client.config_set("key-load-delay", "0")
            assert asked.recv(16).startswith(b"+OK")


@contextmanager
def stranger(server: RedisServer) -> Iterator[None]:
    """Want a password."""
    with server.client() as client:
        client.config_set("requirepass", "a-secret")
        try:
            yield
        finally:
            client.config_set("requirepass", "")


@contextmanager
def forbidden(server: RedisServer) -> Iterator[None]:
    """Forbid what our scripts do."""
    with server.client() as client:
        client.execute_command("ACL", "SETUSER", "default", "-hgetall", "-set", "-ping")
        try:
            yield
        finally:
            client.execute_command("ACL", "SETUSER", "default", "+@all")


@contextmanager
def _asked(server: RedisServer, *command: str) -> Iterator[socket.socket]:
    """Ask for what is not answered yet."""
    with socket.create_connection(("127.0.0.1", server.port)) as connection:
        parts = [f"${len(part)}\r\n{part}\r\n" for part in command]
        connection.sendall(f"*{len(command)}\r\n{''.join(parts)}".encode())
        yield connection


def _answers_with(client: Redis, code: str) -> bool:
    try:
        client.get("x")
    except Exception as error:
        return code in (getattr(error, "status_code", None), str(error).partition(" ")[0])
    return False


LOADS_SLOWLY = {"enable_debug_command": "yes", "loading_process_events_interval_bytes": "1024"}

BREAKAGES = (
    Breakage("LOADING", "is loading its data", loading, True, LOADS_SLOWLY, reads=True),
    Breakage("READONLY", "is a replica", demoted, True),
    Breakage("BUSY", "is busy", busy, True, reads=True),
    Breakage("OOM", "is out of memory", out_of_memory, False),
    Breakage("MISCONF", "cannot save its data", unsaved, False, {"enable_protected_configs": "yes"}),
    Breakage("NOREPLICAS", "too few replicas", no_replicas, False),
    Breakage("NOPERM", "grant it", forbidden, False, reads=True),
)
