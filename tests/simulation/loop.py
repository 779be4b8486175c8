"""An event loop in virtual time that holds processes apart: one may be frozen or killed while the others go on."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from contextvars import Context, ContextVar, copy_context
from typing import Any

from tests.frontend.interleaving.virtual_loop import VirtualLoop


class Life:
    """One process from its start to its end. Whatever it starts belongs to it, by its context."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.is_dead = False
        self.frozen_until = 0.0
        self.is_frozen = False
        self.context = copy_context()
        self.context.run(LIFE.set, self)
        self.at_death: list[Callable[[], None]] = []
        self.troubled_at: list[float] = []
        """When something went wrong for it that may keep it from what it promises."""
        self._late: list[asyncio.Handle] = []

    @property
    def goes_on(self) -> bool:
        """Whether its code runs."""
        return not (self.is_dead or self.is_frozen)

    def hold(self, handle: asyncio.Handle) -> None:
        """What is due while it is frozen comes when it goes on; for a dead one, when the run is cleared away."""
        self._late.append(handle)

    def release(self) -> list[asyncio.Handle]:
        """Return what is late."""
        late, self._late = self._late, []
        return late


LIFE: ContextVar[Life | None] = ContextVar("life", default=None)
"""Whose code is running; None for the world around the processes."""


class SimulationLoop(VirtualLoop):
    """Runs the callbacks of processes that go on, keeps those of frozen ones and drops those of dead ones."""

    def __init__(self) -> None:
        super().__init__()
        self.outside = Context()
        """The context of the world: what is started in it belongs to no process."""
        self.is_over = False
        self._held: dict[Life, None] = {}

    def run_ready(self) -> None:
        ready = self._ready
        while ready:
            handle = ready.popleft()
            if handle.cancelled():
                continue
            life = handle._context.get(LIFE)  # type: ignore[attr-defined]
            if life is None or life.goes_on or self.is_over:
                handle._run()
            else:
                self._held[life] = None
                life.hold(handle)

    def later(self, seconds: float, callback: Callable[[], object]) -> asyncio.Handle:
        """Have the world do something, whatever becomes of the process that asks for it."""
        if seconds <= 0:
            return self.call_soon(callback, context=self.outside)
        return self.call_later(seconds, callback, context=self.outside)

    def kill(self, life: Life) -> None:
        """End a process at once: nothing of it runs any more."""
        if life.is_dead:
            return
        life.is_dead = True
        for told in life.at_death:
            told()

    def freeze(self, life: Life, seconds: float) -> None:
        """Stop a process for a while; its timers become due all the same."""
        life.is_frozen = True
        life.frozen_until = max(life.frozen_until, self.time() + seconds)
        self.later(seconds, lambda: self._thaw(life))

    def _thaw(self, life: Life) -> None:
        if life.is_frozen and self.time() >= life.frozen_until:
            life.is_frozen = False
            if not life.is_dead:
                self._ready.extend(life.release())

    def run(self, main: Coroutine[Any, Any, None]) -> None:
        """Run the world's ``main`` to its end, then clear away whatever is left of the processes."""
        asyncio._set_running_loop(self)
        try:
            task = self.create_task(main, name="main")
            self.run_ready()
            while not task.done():
                assert self.has_timers(), "the world's main waits for something that does not come"
                self.jump()
                self.run_ready()
            self._clear_away()
            task.result()
        finally:
            asyncio._set_running_loop(None)

    def unheard_of_errors(self) -> Iterator[BaseException]:
        """Yield the exceptions of tasks that nobody asked for their result."""
        for task in self.tasks:
            # Asking now says that somebody did.
            if task.done() and not task.cancelled() and task._log_traceback and (error := task.exception()) is not None:
                yield error

    def _clear_away(self) -> None:
        """Have every task end, so that no coroutine is left to the garbage collector. The ports are shut by then."""
        self.is_over = True
        for _ in range(MOST_CANCELS):
            left = [task for task in self.tasks if not task.done()]
            if not left:
                return
            for each in left:
                each.cancel()
            for life in self._held:
                self._ready.extend(life.release())
            self.run_ready()
        raise AssertionError(f"tasks that do not end: {left}")


MOST_CANCELS = 100
"""A coroutine that waits in a ``finally`` must be cancelled once more for each such wait."""
