"""Ctrl-C and SIGTERM: the first asks for an orderly end, the second leaves at once."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

T = TypeVar("T")

SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Interrupts:
    """Knows whether an end was asked for."""

    def __init__(self) -> None:
        self.asked = asyncio.Event()

    async def wait_for(self, work: Awaitable[T], on_interrupt: Callable[[], Awaitable[None]]) -> T:
        """Return what ``work`` returns, at its own end; call ``on_interrupt`` once if an end is asked for meanwhile."""
        working = asyncio.ensure_future(work)
        asking = asyncio.ensure_future(self.asked.wait())
        try:
            await asyncio.wait({working, asking}, return_when=asyncio.FIRST_COMPLETED)
            if not working.done():
                await on_interrupt()
            return await working
        finally:
            asking.cancel()
            working.cancel()


def sigterm_as_ctrl_c() -> None:
    """From now on SIGTERM raises KeyboardInterrupt too, so that what this process has made is removed."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)


@contextmanager
def interrupts() -> Iterator[Interrupts]:
    """Take both signals over for as long as the context lasts. To be used in the main task of the main thread."""
    loop, me = asyncio.get_running_loop(), asyncio.current_task()
    assert me is not None
    state = Interrupts()

    def on_signal() -> None:
        if state.asked.is_set():
            me.cancel()
        state.asked.set()

    before = {number: signal.getsignal(number) for number in SIGNALS}
    for number in SIGNALS:
        loop.add_signal_handler(number, on_signal)
    try:
        yield state
    finally:
        for number, handler in before.items():
            loop.remove_signal_handler(number)
            signal.signal(number, handler)
