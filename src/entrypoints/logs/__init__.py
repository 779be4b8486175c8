"""Logging: one JSON object a line on stdout, or a readable form where stdout is a terminal."""

from __future__ import annotations

import logging
import sys
from typing import TextIO

import structlog
from structlog.types import Processor

from entrypoints.logs.processors import Escape, Order, Scrub, Stamp, drop_colours
from entrypoints.settings import Settings

_UVICORN = ("uvicorn", "uvicorn.error", "uvicorn.access", "uvicorn.asgi")


class ServiceHandler(logging.StreamHandler[TextIO]):
    """Ours, so that configuring again replaces it and leaves handlers of others alone."""


def configure_logging(settings: Settings, stream: TextIO | None = None) -> None:
    """Send every log line of this process, the libraries' too, to ``stream`` (stdout where None).

    Modules log through the standard library; what they pass as ``extra`` becomes fields of the line, beside what is
    bound for the request at hand. No password or token of the settings gets through.
    """
    stream = sys.stdout if stream is None else stream
    handler = ServiceHandler(stream)
    handler.setFormatter(_formatter(settings, console=stream.isatty()))
    root = logging.getLogger()
    for old in [each for each in root.handlers if isinstance(each, ServiceHandler)]:
        root.removeHandler(old)
    root.addHandler(handler)
    root.setLevel(settings.log_level)
    for name in _UVICORN:
        logger = logging.getLogger(name)
        logger.handlers.clear()
        logger.propagate = True
    logging.captureWarnings(True)


def _formatter(settings: Settings, *, console: bool) -> logging.Formatter:
    renderer: list[Processor] = (
        [Escape(), structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)]
        if console
        else [Order(), structlog.processors.JSONRenderer()]
    )
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[
            structlog.contextvars.merge_contextvars,
            structlog.stdlib.add_log_level,
            structlog.stdlib.add_logger_name,
            structlog.stdlib.ExtraAdder(),
            drop_colours,
            Stamp(settings.timezone, settings.service_name),
        ],
        processors=[
            structlog.processors.format_exc_info,
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            Scrub(settings),
            *renderer,
        ],
    )
