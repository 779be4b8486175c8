"""Trying an operation on Redis a few times, within bounds, and saying plainly why it failed."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

from redis.asyncio.retry import Retry
from redis.backoff import ExponentialWithJitterBackoff
from redis.exceptions import RedisError

from adapters.redis.faults import Fault, fault_of
from adapters.redis.meter import UNMETERED, RedisMeter
from domain.ports import StoreUnavailable

log = logging.getLogger(__name__)

T = TypeVar("T")

MORE_TRIES = 4
"""After the first. Callers try again too, at a pace of their own; this is to pass over a short break."""

_BACKOFF = ExponentialWithJitterBackoff(base=0.05, cap=0.5)


class Attempts:
    """Tries operations on one endpoint.

    Connections retry nothing themselves, else tries would be multiplied with tries. An operation may be done more than
    once, because an answer may get lost: it must be one that does nothing twice, such as a compare-and-set.
    """

    def __init__(self, setting: str, most_s: float, meter: RedisMeter = UNMETERED, endpoint: str = "write") -> None:
        """Take the endpoint's particulars.

        Args:
            setting: the variable that holds its address.
            most_s: no operation takes longer, in seconds.
            meter: is told of every try that fails.
            endpoint: its name there.
        """
        self._setting = setting
        self._most_s = most_s
        self._meter = meter
        self._endpoint = endpoint
        self._retry = Retry(_BACKOFF, MORE_TRIES - 1, supported_errors=(RedisError,))

    async def __call__(self, do: Callable[[], Awaitable[T]], within_s: float | None = None) -> T:
        """Return what ``do`` returns. Raises StoreUnavailable, whatever Redis or the network raised.

        What may pass by itself (:class:`~adapters.redis.faults.Fault`) is tried again, with backoff and jitter. A
        shorter bound than this endpoint's may be given in seconds.
        """
        latest: list[Exception] = []

        async def do_until_it_works() -> T:
            try:
                return await do()
            except RedisError as error:
                if not self._may_pass(error):
                    raise
                latest.append(error)
            return await self._try_again(do, latest)

        return await self._bounded(do_until_it_works, latest, within_s or self._most_s)

    async def command(self, do: Callable[[], Awaitable[T]]) -> T:
        """Return what one command returns, as for other operations.

        :class:`~adapters.redis.autopipeline.AutoPipelinedRedis` bounds the time of each command by itself, so the first
        try, for nearly all the only one, needs no timeout here: a task has five of them.
        """
        begun = time.monotonic()
        try:
            return await do()
        except RedisError as error:
            if not self._may_pass(error):
                raise self._unavailable(error) from error
            latest: list[Exception] = [error]
        except OSError as error:
            self._count(error)
            raise self._unavailable(error) from error
        left_s = self._most_s - (time.monotonic() - begun)
        return await self._bounded(lambda: self._try_again(do, latest), latest, left_s)

    async def _bounded(self, work: Callable[[], Awaitable[T]], latest: Sequence[Exception], within_s: float) -> T:
        """Return what ``work`` returns. It notes in ``latest`` how its tries have ended."""
        try:
            async with asyncio.timeout(within_s):
                return await work()
        except TimeoutError as error:
            self._count(error)
            # How the last try ended says more than that there was no time for another.
            raise self._unavailable(latest[-1] if latest else error) from error
        except RedisError as error:
            raise self._unavailable(error) from error
        except OSError as error:
            self._count(error)
            raise self._unavailable(error) from error

    async def _try_again(self, do: Callable[[], Awaitable[T]], latest: list[Exception]) -> T:
        async def note(error: Exception) -> None:
            latest.append(error)

        await asyncio.sleep(_BACKOFF.compute(1))
        return await self._retry.call_with_retry(do, note, is_retryable=self._may_pass)

    def _may_pass(self, error: Exception) -> bool:
        """Tell whether to try again after an error of Redis'; every one of them comes by here once."""
        return self._count(error).passes

    def _count(self, error: Exception) -> Fault:
        fault = fault_of(error, self._setting)
        self._meter.failed(self._endpoint, fault.kind)
        return fault

    def _unavailable(self, error: Exception) -> StoreUnavailable:
        fault = fault_of(error, self._setting)
        if not fault.is_known:
            log.error("Redis answered what was not expected", extra={"reason": str(error)})
        return StoreUnavailable(f"Redis {fault.words}")
