"""A real Redis server for tests, in a directory of its own."""

import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

from tests.support import ports

START_SECONDS = 10.0
STOP_SECONDS = 10.0
_POLL_SECONDS = 0.01
_PORT_ATTEMPTS = 20

_DEFAULTS: Mapping[str, str] = MappingProxyType(
    {
        "bind": "127.0.0.1",
        "save": '""',
        "appendonly": "no",
        # Both delays spare real networks; here they would only make tests wait.
        "repl-diskless-sync-delay": "0",
        "shutdown-timeout": "0",
    }
)


class RedisServer:
    """One `redis-server` process. Data that it keeps on disk (`appendonly yes`) survives a restart."""

    def __init__(
        self, directory: Path, options: Mapping[str, str] | None = None, *, program: str = "redis-server"
    ) -> None:
        self.directory = directory
        self.port = 0
        self._options = {**_DEFAULTS, **(options or {})}
        self._program = program
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """The address of database 0, as redis-py's `from_url` takes it."""
        secret = f":{self._password}@" if self._password else ""
        return f"redis://{secret}127.0.0.1:{self.port}/0"

    @property
    def pid(self) -> int:
        """The id of the running process."""
        if self._process is None or self._process.poll() is not None:
            raise RuntimeError("this Redis server does not run")
        return self._process.pid

    @property
    def running(self) -> bool:
        """Whether the process is alive (it may be paused)."""
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        """Start and wait until the server answers; on a free port the first time, then always on the same."""
        if self.running:
            raise RuntimeError("this Redis server runs already")
        keep_port = self.port != 0
        for _ in range(_PORT_ATTEMPTS):
            if not keep_port:
                self.port = ports.free_port()
            if self._launch():
                return
            if keep_port:
                time.sleep(START_SECONDS / _PORT_ATTEMPTS)
        raise RuntimeError(f"redis-server found no port to listen on (the last was {self.port})")

    def stop(self) -> None:
        """End it as an operator would (SIGTERM). Does nothing where it has ended already."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """End it as a crash would (SIGKILL). Does nothing where it has ended already."""
        self._end(signal.SIGKILL)

    def restart(self) -> None:
        """Stop it if it runs, then start it with the same port and directory."""
        self.stop()
        self.start()

    def pause(self) -> None:
        """Freeze the process: connections stay open and nobody answers."""
        self._send(signal.SIGSTOP)

    def resume(self) -> None:
        """Undo `pause`."""
        self._send(signal.SIGCONT)

    def client(self) -> Redis:
        """A blocking client for a look from outside; it retries nothing. Close it after use."""
        return Redis(
            host="127.0.0.1",
            port=self.port,
            password=self._password,
            protocol=2,
            decode_responses=True,
            socket_connect_timeout=1.0,
            socket_timeout=5.0,
            retry=Retry(NoBackoff(), 0),
        )

    def config_set(self, name: str, value: str) -> None:
        """Change a setting of the running server; a restart forgets it."""
        with self.client() as client:
            client.config_set(name, value)

    def flush(self) -> None:
        """Empty every database."""
        with self.client() as client:
            client.flushall()

    @property
    def _password(self) -> str | None:
        return self._options.get("requirepass")

    def _launch(self) -> bool:
        """Start the process. False if another one has the port."""
        config = self.directory / "redis.conf"
        settings = {**self._options, "port": str(self.port), "dir": str(self.directory)}
        config.write_text("".join(f"{name} {value}\n" for name, value in settings.items()))
        log = self.directory / "redis.log"
        with log.open("wb") as output:
            self._process = subprocess.Popen(
                [*_die_with_parent(), self._program, str(config)],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        deadline = time.monotonic() + START_SECONDS
        while self.running and time.monotonic() < deadline:
            if self._answers():
                return True
            time.sleep(_POLL_SECONDS)
        self.kill()
        said = log.read_text(errors="replace")
        if "Address already in use" in said:
            return False
        raise RuntimeError(f"redis-server did not start. It said:\n{said[-2000:]}")

    def _answers(self) -> bool:
        """Whether it is this process that answers, and not another one that has the port."""
        try:
            with self.client() as client:
                return bool(client.info("server")["process_id"] == self.pid and client.ping())
        except (RedisError, OSError, RuntimeError):
            return False

    def _send(self, number: signal.Signals) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(number)

    def _end(self, number: signal.Signals) -> None:
        if self._process is None:
            return
        self._send(number)
        self._send(signal.SIGCONT)
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait(STOP_SECONDS)


def _die_with_parent() -> list[str]:
    """A prefix that ends the server even when the test run is killed and can clean up nothing."""
    # Linux sends that signal when the starting *thread* ends, so only the main thread may ask for it.
    if threading.current_thread() is not threading.main_thread():
        return []
    setpriv = shutil.which("setpriv")
    return [setpriv, "--pdeathsig", "KILL"] if setpriv else []
