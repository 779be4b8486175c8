"""Bringing the faults about, on real processes and connections."""

from __future__ import annotations

import asyncio
import os
import signal
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.chaos.evidence import boot_time
from tests.chaos.plan import Fault, Kind
from tests.chaos.processes import SchedulerProcess
from tests.chaos.proxy import FaultProxy
from tests.support.redis_server import RedisServer


@dataclass(frozen=True, slots=True)
class Absence:
    """A scheduler that ended, or heard nothing of Redis for a while: it may have missed a recovery window."""

    replica: int
    since: float
    until: float


class Faults:
    """Whoever does something to a process waits until it is there: so all planned faults take place.

    Redis is started from the main thread, though that makes all wait: only so it ends when this process is killed.
    """

    def __init__(
        self,
        replicas: Sequence[SchedulerProcess],
        proxies: Sequence[FaultProxy],
        redis: RedisServer,
        copy: RedisServer,
    ) -> None:
        """``proxies`` stand between the replicas and ``redis``; ``copy`` is the read endpoint."""
        self.done: Counter[Kind] = Counter()
        self.told: list[str] = []
        """What took place when, by :func:`~tests.chaos.evidence.boot_time`, as all instants here."""
        self.crashes: list[float] = []
        """When Redis was killed."""
        self.absences: list[Absence] = []
        self._replicas = replicas
        self._proxies = proxies
        self._silence = [asyncio.Lock() for _ in proxies]
        self._redis = redis
        self._copy = copy
        self._redis_lock = asyncio.Lock()
        self._copy_lock = asyncio.Lock()

    async def run(self, plan: Sequence[Fault]) -> None:
        """Return when all is over and everything runs again."""
        began = boot_time()
        async with asyncio.TaskGroup() as group:
            for fault in plan:
                group.create_task(self._at_its_time(fault, began))

    async def _at_its_time(self, fault: Fault, began: float) -> None:
        await asyncio.sleep(max(0.0, began + fault.at_s - boot_time()))
        replica, proxy = self._replicas[fault.replica], self._proxies[fault.replica]
        match fault.kind:
            case Kind.KILL:
                await self._end(fault, replica, signal.SIGKILL)
            case Kind.END:
                await self._end(fault, replica, signal.SIGTERM)
            case Kind.FREEZE | Kind.FREEZE_LONG:
                await self._freeze(fault, replica)
            case Kind.CUT:
                self._note(fault)
                proxy.cut()
            case Kind.DELAY:
                self._note(fault)
                proxy.delay_s += fault.lasts_s / 2
                await asyncio.sleep(2.0)
                proxy.delay_s -= fault.lasts_s / 2
            case Kind.LOSE:
                self._note(fault)
                proxy.to_lose += 1
            case Kind.SILENCE:
                await self._be_silent(fault, proxy)
            case Kind.STOP_REDIS | Kind.KILL_REDIS | Kind.REDIS_AWAY:
                await self._restart_redis(fault)
            case Kind.LOSE_REDIS:
                await self._lose_redis(fault)
            case Kind.LAG:
                await self._freeze_copy(fault)

    def _note(self, fault: Fault) -> None:
        self.done[fault.kind] += 1
        self.told.append(f"{boot_time():.3f} {fault}")

    @contextmanager
    def _absent(self, replica: int) -> Iterator[None]:
        since = boot_time()
        try:
            yield
        finally:
            self.absences.append(Absence(replica, since, boot_time()))

    async def _end(self, fault: Fault, replica: SchedulerProcess, number: signal.Signals) -> None:
        async with replica.lock:
            self._note(fault)
            with self._absent(fault.replica):
                replica.send(number)
                code = await replica.ended()
                if number is signal.SIGTERM and code != 0:
                    raise RuntimeError(f"scheduler {replica.number} ended with {code} after SIGTERM")
                await asyncio.sleep(fault.lasts_s)
                replica.start()
                await replica.accepts()

    async def _freeze(self, fault: Fault, replica: SchedulerProcess) -> None:
        async with replica.lock:
            self._note(fault)
            with self._absent(fault.replica):
                replica.send(signal.SIGSTOP)
                await asyncio.sleep(fault.lasts_s)
                replica.send(signal.SIGCONT)

    async def _be_silent(self, fault: Fault, proxy: FaultProxy) -> None:
        async with self._silence[fault.replica]:
            self._note(fault)
            with self._absent(fault.replica):
                proxy.silent = True
                await asyncio.sleep(fault.lasts_s)
                proxy.silent = False

    async def _restart_redis(self, fault: Fault) -> None:
        async with self._redis_lock:
            self._note(fault)
            if fault.kind is Kind.KILL_REDIS:
                await self._kill_redis()
            else:
                await asyncio.to_thread(self._redis.stop)
            await asyncio.sleep(fault.lasts_s)
            self._redis.start()

    async def _kill_redis(self) -> None:
        await asyncio.to_thread(self._redis.kill)
        self.crashes.append(boot_time())

    async def _lose_redis(self, fault: Fault) -> None:
        """As when the machine loses its power: what was written last is not on the disk."""
        async with self._redis_lock:
            before = self._append_only_file()
            size = before.stat().st_size
            await asyncio.sleep(fault.lasts_s)
            self._note(fault)
            await self._kill_redis()
            if self._append_only_file() == before:  # else it was written anew meanwhile, and that is on the disk
                os.truncate(before, size)
            self._redis.start()

    def _append_only_file(self) -> Path:
        return max(self._redis.directory.glob("appendonlydir/*.incr.aof"), key=lambda path: path.stat().st_mtime)

    async def _freeze_copy(self, fault: Fault) -> None:
        async with self._copy_lock:
            self._note(fault)
            self._copy.pause()
            await asyncio.sleep(fault.lasts_s)
            self._copy.resume()
