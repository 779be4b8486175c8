"""What `serve --with-local-redis` (`make serve`) offers to somebody who sees the service for the first time."""

from __future__ import annotations

import shlex
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from http.client import HTTPConnection, HTTPException
from pathlib import Path

from entrypoints.cli.demo_tree import TreeMaker, TreeSize
from entrypoints.cli.local_redis import free_port, local_redis
from entrypoints.settings import Settings, StoreKind

SAMPLE = TreeSize(small_files=200, big_files=2, big_bytes=8 * 1024 * 1024)
LOOPBACK = "127.0.0.1"
READY_WITHIN_S = 60.0
_POLL_S = 0.1


@dataclass(frozen=True, slots=True)
class Playground:
    """A Redis server and a place with data to move; both are gone when the service ends."""

    redis_url: str
    data: Path
    """Holds `source`, a small tree, and `copies`, where everybody may write."""

    def adapt(self, settings: Settings, host: str | None) -> Settings:
        """Return settings with which the service uses it. Whoever tries a service does not offer it to the network."""
        return replace(
            settings,
            host=host or LOOPBACK,
            port=settings.port or free_port(),  # it must be known to be told
            store=StoreKind.REDIS,
            redis_write_url=self.redis_url,
            redis_read_url=self.redis_url,
            allowed_roots=(*settings.allowed_roots, str(self.data)),
        )


@contextmanager
def playground() -> Iterator[Playground]:
    """Make a playground for as long as the context lasts. Raises :class:`~entrypoints.cli.problems.Problem`."""
    with tempfile.TemporaryDirectory(prefix="dms-scheduler-serve-") as directory:
        place = Path(directory).resolve()
        data, redis = place / "data", place / "redis"
        for made in (data, redis):
            made.mkdir()
        TreeMaker(data / "source", SAMPLE).make()
        (data / "source").chmod(0o755)
        # Tasks may run with the rights of whoever they are registered for.
        copies = data / "copies"
        copies.mkdir()
        copies.chmod(0o1777)
        place.chmod(0o755)
        redis.chmod(0o700)
        with local_redis(redis) as url:
            yield Playground(url, data)


def first_task(settings: Settings, place: Playground) -> str:
    """Return three commands that register a task, submit it, and look at it; they need nothing but bash and curl."""
    url, token = f"http://{_reachable(settings.host)}:{settings.port}", shlex.quote(settings.operator_token)
    program = shlex.quote(str(_program()))
    data, folder = shlex.quote(str(place.data)), shlex.quote(str(_program().parent))
    src, dst = shlex.quote(f"src={place.data}/source"), shlex.quote(f"dst={place.data}/copies/first")
    body = (
        f'{{"task_id": "\'$id\'", "service": "sync", "user_id": "\'$(id -un)\'",'
        f' "parameters": {{"src": "{place.data}/source", "dst": "{place.data}/copies/first"}}}}'
    )
    return f"""\
Ready. A first task, from another terminal:

  id=$(DMS_REDIS_WRITE_URL={place.redis_url} {program} register sync {src} {dst} --user "$(id -un)")
  curl -sS {url}/tasks/task -H 'Content-Type: application/json' -d '{body}'
  curl -sS {url}/admin/tasks/$id -H 'X-Operator-Token: '{token}

For the README's examples:

  export DMS_REDIS_WRITE_URL={place.redis_url} DMS_URL={url} DMS_TOKEN={token} DMS_DATA={data} PATH={folder}:"$PATH"

All data is in {place.data}, and is removed when you end the service with Ctrl-C.
"""


def announce_when_ready(settings: Settings, place: Playground) -> None:
    """Print the first task as soon as the service is ready, from a thread of its own."""
    threading.Thread(target=_announce, args=(settings, place), daemon=True, name="announce first task").start()


def _announce(settings: Settings, place: Playground) -> None:
    deadline = time.monotonic() + READY_WITHIN_S
    while time.monotonic() < deadline:
        if _is_ready(_reachable(settings.host), settings.port):
            print(f"\n{first_task(settings, place)}", flush=True)
            return
        time.sleep(_POLL_S)


def _program() -> Path:
    """Return this very installation's program, which a user's PATH need not hold."""
    installed = Path(sys.executable).with_name("dms-scheduler")
    return installed if installed.exists() else Path(sys.argv[0]).absolute()


def _is_ready(host: str, port: int) -> bool:
    connection = HTTPConnection(host, port, timeout=2)
    try:
        connection.request("GET", "/readyz")
        return connection.getresponse().status == 200
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()


def _reachable(host: str) -> str:
    """Return how a client on this machine names a listening address."""
    return LOOPBACK if host in ("", "0.0.0.0", "::") else host
