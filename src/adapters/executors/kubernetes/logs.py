"""Following the log of the launcher's pod while it runs, with one request where nothing breaks."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from adapters.executors.kubernetes.api import ClusterApi
from adapters.executors.kubernetes.backoff import Backoff
from adapters.executors.kubernetes.objects import Pod
from adapters.executors.kubernetes.output import LineSplitter, Output
from adapters.executors.kubernetes.problems import ApiFault
from adapters.executors.kubernetes.stamps import Heard
from application.waiting import happens_within
from domain.ports import Clock

log = logging.getLogger(__name__)

MOST_LINES_BACK = 2000
"""Lines that are read of what was printed before we came."""
END_S = 2.0
"""How long the end of a stream waits for the watch to say that the container has ended."""
SLOT_S = 2.0
"""How often it is looked whether another log may be followed; one whose container has ended is read in any case."""
MOST_FAULTS_AT_THE_END = 3


class LauncherLog:
    """Reads one pod's log at a time into the output. Lost connections go on where they were lost."""

    def __init__(
        self, api: ClusterApi, clock: Clock, backoff: Callable[[], Backoff], heard: Callable[[], None]
    ) -> None:
        """``heard`` is called whenever lines have come."""
        self.output = Output()
        self._api = api
        self._clock = clock
        self._backoff = backoff
        self._heard = heard
        self._pod = ""
        self._lines = Heard()
        self._ended = asyncio.Event()
        """Whether the container has ended."""
        self._reading: asyncio.Task[None] | None = None

    def see(self, pod: Pod) -> None:
        """Follow this pod's log, where it has one; another pod's no longer."""
        if not pod.has_log:
            return
        if pod.uid != self._pod:
            self._begin(pod)
        if pod.main is not None and pod.main.state == "terminated":
            self._ended.set()

    async def finish(self, within_s: float) -> None:
        """Return when all was read, or after ``within_s`` seconds."""
        if self._reading is None:
            return
        self._ended.set()
        done = asyncio.Event()
        self._reading.add_done_callback(lambda _: done.set())
        await happens_within(done, within_s, self._clock)

    def close(self) -> None:
        """Read no more."""
        if self._reading is not None:
            self._reading.cancel()

    def _begin(self, pod: Pod) -> None:
        if self._reading is not None:
            self._reading.cancel()
            self.output.forget_errors()
        self._pod, self._lines, self._ended = pod.uid, Heard(), asyncio.Event()
        assert pod.main is not None
        self._reading = asyncio.create_task(
            self._read(pod.name, pod.main.name, self._ended), name=f"read the log of {pod.name}"
        )

    async def _read(self, pod: str, container: str, ended: asyncio.Event) -> None:
        backoff, faults = self._backoff(), 0
        while True:
            was_ended = ended.is_set()
            if not was_ended and self._api.streams.locked():
                await happens_within(ended, SLOT_S, self._clock)
                continue
            try:
                await self._read_once(pod, container, follow=not was_ended)
            except ApiFault as fault:
                log.debug("a log is asked for again", extra={"pod": pod, "reason": str(fault)})
                faults += was_ended
                if fault.is_missing or faults >= MOST_FAULTS_AT_THE_END:
                    return
                await happens_within(ended, backoff.next_s(fault.retry_after_s), self._clock)
            else:
                if was_ended or await happens_within(ended, END_S, self._clock):
                    return

    async def _read_once(self, pod: str, container: str, *, follow: bool) -> None:
        params: dict[str, object] = {"container": container, "timestamps": "true"}
        since = self._lines.since
        params |= {"sinceTime": since} if since else {"tailLines": MOST_LINES_BACK}
        self._lines.begin_again()
        splitter = LineSplitter()
        async with self._api.log(pod, params, follow=follow) as chunks:
            async for chunk in chunks:
                self._take(splitter.feed(chunk))
        self._take(splitter.end())

    def _take(self, lines: list[str]) -> None:
        for line in lines:
            if (text := self._lines.new_text(line)) is not None:
                self.output.hear(text)
        if lines:
            self._heard()
