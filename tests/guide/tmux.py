"""A terminal that can be looked at: what a program shows that fills the screen."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from tests.support.needs import require_program

COLUMNS, ROWS = 118, 44


@contextmanager
def screen_of(command: str, environment: Mapping[str, str], home: Path) -> Iterator[Callable[[], str]]:
    """Run a command in tmux as long as the context lasts; what is yielded returns what the screen shows."""
    tmux = [require_program("tmux"), "-S", str(home / "tmux")]

    def run(*arguments: str) -> str:
        ended = subprocess.run([*tmux, *arguments], env=environment, capture_output=True, text=True, check=True)
        return ended.stdout

    run("-f", "/dev/null", "new-session", "-d", "-x", str(COLUMNS), "-y", str(ROWS), command)
    try:
        yield lambda: run("capture-pane", "-p")
    finally:
        run("kill-server")
