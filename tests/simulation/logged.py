"""What the product logs as an error is a fault: in a run nothing happens that it should not know how to take."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager

Tell = Callable[[str, str], object]
"""Told a rule, and what shows that it was broken."""

LOGGERS = ("application", "entrypoints", "adapters")


class _Listener(logging.Handler):
    def __init__(self, tell: Tell) -> None:
        super().__init__(logging.ERROR)
        self._tell = tell

    def emit(self, record: logging.LogRecord) -> None:
        error = record.exc_info[1] if record.exc_info else None
        self._tell(f"logged: {record.getMessage()}", repr(error))


@contextmanager
def errors_told(tell: Tell) -> Iterator[None]:
    """Have errors told, and nothing less logged: warnings are a run's daily bread, and cost time."""
    listener = _Listener(tell)
    loggers = [logging.getLogger(name) for name in LOGGERS]
    before = logging.root.manager.disable
    logging.disable(logging.WARNING)
    for logger in loggers:
        logger.addHandler(listener)
    try:
        yield
    finally:
        logging.disable(before)
        for logger in loggers:
            logger.removeHandler(listener)
