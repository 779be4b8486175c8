"""Logging: one JSON object a line on stdout, or a readable form where stdout is a terminal."""

from __future__ import annotations

import logging
import sys
from typing import TextIO

import structlog

from entrypoints.logs.json_lines import JsonLines
from entrypoints.logs.processors import Escape, Plain, Stamp, drop_copies, rename_taken
from entrypoints.logs.secrets import Secrets
from entrypoints.settings import Settings

_UVICORN = ("uvicorn", "uvicorn.error", "uvicorn.asgi")
_UVICORN_ACCESS = "uvicorn.access"


class ServiceHandler(logging.StreamHandler[TextIO]):
    """Ours, so that configuring again replaces it and leaves handlers of others alone."""


def configure_logging(settings: Settings, stream: TextIO | None = None) -> None:
    """Send every log line of this process, the libraries' too, to ``stream`` (stdout where None).

    Modules log through the standard library, whose ``extra`` becomes fields of the line, or through structlog. What is
    bound for the request at hand stands on the line too. No password or token of the settings gets through.
    """
    stream = sys.stdout if stream is None else stream
    handler = ServiceHandler(stream)
    handler.setFormatter(_for_terminals(settings) if stream.isatty() else JsonLines(settings))
    root = logging.getLogger()
    for old in [each for each in root.handlers if isinstance(each, ServiceHandler)]:
        root.removeHandler(old)
    root.addHandler(handler)
    root.setLevel(settings.log_level)
    for name in _UVICORN:
        logger = logging.getLogger(name)
        logger.handlers.clear()
        logger.propagate = True
    # We write an access line of our own.
    access = logging.getLogger(_UVICORN_ACCESS)
    access.handlers.clear()
    access.propagate = False
    logging.captureWarnings(True)
    _leave_out_what_no_line_shows()
    _configure_structlog()


def _for_terminals(settings: Settings) -> logging.Formatter:
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[
            structlog.contextvars.merge_contextvars,
            structlog.stdlib.add_log_level,
            structlog.stdlib.add_logger_name,
            structlog.stdlib.ExtraAdder(),
            drop_copies,
        ],
        processors=[
            Stamp(settings.timezone),
            structlog.processors.format_exc_info,
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            Plain(Secrets(settings)),
            Escape(),
            structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback),
        ],
    )


def _leave_out_what_no_line_shows() -> None:
    """Spare each line the search for who called, in which thread and process, as Python's HOWTO on logging advises."""
    setattr(logging, "_srcfile", None)  # noqa: B010 - so it is documented, though no type stub knows it
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False


def _configure_structlog() -> None:
    """Send what is logged through structlog to the standard library, where everything else goes."""
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            structlog.stdlib.PositionalArgumentsFormatter(),
            rename_taken,
            structlog.stdlib.render_to_log_kwargs,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
    )
