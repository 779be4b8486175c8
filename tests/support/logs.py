"""The service's own logging inside of a test process."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

import structlog

from entrypoints.logs import ServiceHandler


@contextmanager
def logging_as_before() -> Iterator[None]:
    """Undo at the end what the block configures: a test that counts what a task costs must not count our lines."""
    root = logging.getLogger()
    level = root.level
    try:
        yield
    finally:
        for handler in [each for each in root.handlers if isinstance(each, ServiceHandler)]:
            root.removeHandler(handler)
        root.setLevel(level)
        logging.captureWarnings(False)
        structlog.reset_defaults()
