"""Logging: one JSON object a line on stdout, or a readable form where stdout is a terminal."""

from __future__ import annotations

import logging
import sys
from typing import TextIO

import structlog
from structlog.types import Processor

from entrypoints.logs.processors import Escape, Order, Plain, RenderJson, Secrets, Stamp, drop_copies
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
    # We write an access line of our own.
    access = logging.getLogger(_UVICORN_ACCESS)
    access.handlers.clear()
    access.propagate = False
    logging.captureWarnings(True)
    _leave_out_what_no_line_shows()
    _configure_structlog()


# What is added where a line is logged, for a request's context is known only there.
_HERE: tuple[Processor, ...] = (
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
)


def _formatter(settings: Settings, *, console: bool) -> logging.Formatter:
    secrets = Secrets(settings)
    for_terminal = structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
    renderer: list[Processor] = (
        [Plain(secrets), Escape(), for_terminal] if console else [Order(settings.service_name), RenderJson(secrets)]
    )
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[*_HERE, structlog.stdlib.ExtraAdder(), drop_copies],
        processors=[
            Stamp(settings.timezone),
            structlog.processors.format_exc_info,
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            *renderer,
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
            *_HERE,
            structlog.stdlib.PositionalArgumentsFormatter(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
    )
