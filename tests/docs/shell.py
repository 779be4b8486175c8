"""A person at a shell, who pastes one block of a page after the other."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

from tests.cli.program import ROOT, environment

MARK = "=== that was the block ==="

# An answer that is an error ends the shell, so that no example may fail unseen.
PREPARATION = """\
set -euo pipefail
curl() { command curl --fail-with-body --max-time 30 "$@"; }
"""


class Shell:
    """Keeps variables from block to block."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def paste(self, block: str) -> str:
        """Run a block, and return what it printed. An error in it is one of the test."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{block}\necho\necho '{MARK}'\n")
        self._process.stdin.flush()
        said: list[str] = []
        for line in self._process.stdout:
            if line.strip() == MARK:
                return "".join(said)
            said.append(line)
        raise AssertionError(f"the shell ended in this block:\n{block}\n--- it had said:\n{''.join(said)}")


@contextmanager
def shell() -> Iterator[Shell]:
    """Start a shell in the checkout."""
    process = subprocess.Popen(
        ["bash"],
        cwd=ROOT,
        env=environment({}),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    with process:
        try:
            opened = Shell(process)
            opened.paste(PREPARATION)
            yield opened
        finally:
            process.kill()
