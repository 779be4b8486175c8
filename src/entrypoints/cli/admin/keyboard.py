"""Single keys from a terminal, without waiting for the end of a line."""

from __future__ import annotations

import os
import select
import sys
import termios
import tty
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import sleep

Key = str
"""What was pressed; empty where nothing was."""


@contextmanager
def single_keys() -> Iterator[Callable[[float], Key]]:
    """Yield a function that waits so many seconds for a key; the terminal is as it was afterwards.

    Where the input is no terminal the function only waits.
    """
    if not sys.stdin.isatty():
        yield _no_key
        return
    handle = sys.stdin.fileno()
    before = termios.tcgetattr(handle)
    try:
        tty.setcbreak(handle)  # Ctrl-C stays an interrupt
        yield lambda seconds: _key(handle, seconds)
    finally:
        termios.tcsetattr(handle, termios.TCSADRAIN, before)


def _key(handle: int, seconds: float) -> Key:
    if not select.select([handle], [], [], seconds)[0]:
        return ""
    return os.read(handle, 1).decode("latin-1")


def _no_key(seconds: float) -> Key:
    sleep(seconds)
    return ""
