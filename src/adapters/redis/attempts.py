"""Trying an operation on Redis a few times, within bounds, and saying plainly why it failed."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from redis.asyncio.retry import Retry
from redis.backoff import ExponentialWithJitterBackoff
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import RedisError

from adapters.redis.faults import fault_of
from domain.ports import StoreUnavailable

log = logging.getLogger(__name__)

T = TypeVar("T")

MORE_TRIES = 4
"""After the first. Callers try again too, at a pace of their own; this is to pass over a short break."""

_UVLOOP_CLOSED = "the handler is closed"

_BACKOFF = ExponentialWithJitterBackoff(base=0.05, cap=0.5)


@contextmanager
def cancellable() -> Iterator[None]:
    """Raise CancelledError at the end where the task was cancelled within, and nobody noticed.

    redis-py sends with ``asyncio.wait_for``, which in Python 3.11 swallows a cancellation that comes at the very moment
    when the command is sent: a loop over commands would then never end.
    """
    task = asyncio.current_task()
    assert task is not None
    before = task.cancelling()
    try:
        yield
    finally:
        if task.cancelling() > before:
            raise asyncio.CancelledError


@contextmanager
def breaks_told() -> Iterator[None]:
    """Raise redis-py's error for a broken connection where uvloop raises a RuntimeError.

    A connection may break between its making and its first command. What is then written to it asyncio's own transports
    drop, so that the break shows in the reading; uvloop's raise, and redis-py lets that pass.
    """
    try:
        yield
    except RuntimeError as error:
        if _UVLOOP_CLOSED not in str(error):
            raise
        raise RedisConnectionError(f"the connection broke before the command was sent: {error}") from error


class Attempts:
    """Tries operations on one endpoint.

    Connections retry nothing themselves, else tries would be multiplied with tries. An operation may be done more than
    once, because an answer may get lost: it must be one that does nothing twice, such as a compare-and-set.
    """

    def __init__(self, setting: str, most_s: float) -> None:
        """``setting`` is the variable that holds the endpoint's address; no operation takes longer than ``most_s``."""
        self._setting = setting
        self._most_s = most_s
        self._retry = Retry(_BACKOFF, MORE_TRIES, supported_errors=(RedisError,))

    async def __call__(self, do: Callable[[], Awaitable[T]], within_s: float | None = None) -> T:
        """Return what ``do`` returns. Raises StoreUnavailable, whatever Redis or the network raised.

        What may pass by itself (:class:`~adapters.redis.faults.Fault`) is tried again, with backoff and jitter. A
        shorter bound than this endpoint's may be given in seconds.
        """
        latest: list[Exception] = []

        async def attempt() -> T:
            with cancellable(), breaks_told():
                return await do()

        async def note(error: Exception) -> None:
            latest.append(error)

        try:
            async with asyncio.timeout(within_s or self._most_s):
                return await self._retry.call_with_retry(attempt, note, is_retryable=self._may_pass)
        except TimeoutError as error:
            # How the last try ended says more than that there was no time for another.
            raise self._unavailable(latest[-1] if latest else error) from error
        except (RedisError, OSError) as error:
            raise self._unavailable(error) from error

    def _may_pass(self, error: Exception) -> bool:
        return fault_of(error, self._setting).passes

    def _unavailable(self, error: Exception) -> StoreUnavailable:
        fault = fault_of(error, self._setting)
        if not fault.is_known:
            log.error("Redis answered what was not expected", extra={"reason": str(error)})
        return StoreUnavailable(f"Redis {fault.words}")
