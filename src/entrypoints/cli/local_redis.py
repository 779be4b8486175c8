"""A Redis server of one's own, for trying the service: nothing is kept when it ends."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from entrypoints.cli.problems import Problem

START_S = 10.0
STOP_S = 5.0
_POLL_S = 0.02
_TRIES = 5


@contextmanager
def local_redis(directory: Path) -> Iterator[str]:
    """Run `redis-server` on a free port of the loopback interface, in ``directory``, and yield its URL.

    Raises :class:`Problem` where it is not installed or does not start.
    """
    program = shutil.which("redis-server")
    if program is None:
        raise Problem("redis-server is not installed; install it (apt-get install redis-server) and try again")
    port, process = _start(program, directory)
    try:
        yield f"redis://127.0.0.1:{port}/0"
    finally:
        process.terminate()
        try:
            process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _start(program: str, directory: Path) -> tuple[int, subprocess.Popen[bytes]]:
    for _ in range(_TRIES):
        port = free_port()
        process = _launch(program, directory, port)
        if _answers(process, port):
            return port, process
        process.kill()
        process.wait()
    said = (directory / "redis.log").read_text(errors="replace").strip().rsplit("\n", 1)[-1]
    raise Problem(f"redis-server did not start: {said or 'it said nothing'}")


def _launch(program: str, directory: Path, port: int) -> subprocess.Popen[bytes]:
    options = {
        "bind": "127.0.0.1",
        "port": str(port),
        "dir": str(directory),
        "logfile": str(directory / "redis.log"),
        "save": "",
        "appendonly": "no",
    }
    command = [program, *(part for name, value in options.items() for part in (f"--{name}", value))]
    # Ctrl-C in a terminal goes to the whole process group: the service must have its Redis until it has shut down.
    return subprocess.Popen(
        [*_ends_with_us(), *command],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def _ends_with_us() -> list[str]:
    """A prefix that ends the server even when this process is killed and can clean up nothing."""
    setpriv = shutil.which("setpriv")
    return [setpriv, "--pdeathsig", "TERM"] if setpriv else []


def free_port() -> int:
    """Return a port of the loopback interface that nobody listens on right now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _answers(process: subprocess.Popen[bytes], port: int) -> bool:
    deadline = time.monotonic() + START_S
    while process.poll() is None and time.monotonic() < deadline:
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=1) as connection:
                connection.sendall(b"PING\r\n")
                if connection.recv(7).startswith(b"+PONG"):
                    return process.poll() is None
        except OSError:
            pass
        time.sleep(_POLL_S)
    return False
