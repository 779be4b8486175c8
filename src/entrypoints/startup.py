"""What is checked and said before the service starts."""

from __future__ import annotations

import gc
import logging
import os

from adapters.executors.local.movers import find_mover
from adapters.system import SystemClock
from entrypoints.executors import make_executor, run_as
from entrypoints.settings import DEFAULT_TOKEN, ExecutorKind, RunAs, Settings, SettingsError, StoreKind
from entrypoints.tracing import check_tracing
from entrypoints.webhooks import check_webhooks, tell_of_webhooks

log = logging.getLogger(__name__)

GARBAGE_THRESHOLDS = (20_000, 20, 50)
"""New containers before Python looks for cycles among them, and how many such looks before older ones are looked at."""


def check_settings(settings: Settings) -> None:
    """Raise :class:`SettingsError` where settings, each good by itself, do not fit together or this machine."""
    if settings.store is StoreKind.MEMORY and settings.workers > 1:
        raise SettingsError(
            f"DMS_WORKERS='{settings.workers}': the memory store lives in one process, so accepted is 1 with "
            "DMS_STORE=memory"
        )
    make_executor(settings, SystemClock(settings.timezone))
    check_webhooks(settings)
    check_tracing(settings)


def tell_of_settings(settings: Settings) -> None:
    """Log what an operator should know of settings that work."""
    if settings.operator_token == DEFAULT_TOKEN and not settings.operator_tokens_file:
        log.warning("DMS_OPERATOR_TOKEN has its default, which everybody knows: set one of your own")
    if settings.executor is ExecutorKind.PLACEHOLDER:
        log.warning("DMS_EXECUTOR is placeholder: tasks succeed, but nothing is moved")
    if settings.executor is ExecutorKind.LOCAL:
        _tell_of_moving_here(settings)
    tell_of_webhooks(settings)


def _tell_of_moving_here(settings: Settings) -> None:
    mover = find_mover(settings.mover)
    log.info("data is moved on this machine", extra={"mover": mover.name, "program": mover.program})
    if run_as(settings) is RunAs.SERVICE:
        log.warning(
            "DMS_RUN_AS is service: data is moved with the rights of this service, whoever submitted the task",
            extra={"uid": os.geteuid()},
        )


def collect_garbage_less_often() -> None:
    """Leave out of garbage collection what has been loaded by now, and look at the rest less often than by default.

    A task makes thousands of objects and hardly a cycle: with Python's defaults a tenth of the processor time is spent
    on looking for them (docs/performance.md).
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(*GARBAGE_THRESHOLDS)
