"""Fixtures with a real service and a real browser."""

from __future__ import annotations

from asyncio import to_thread
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.console.browser.place import Place, running_place
from tests.console.browser.window import Window, open_window
from tests.support.needs import require_program


@pytest.fixture
async def place(redis_url: str, tmp_path: Path) -> AsyncIterator[Place]:
    """A service that moves files, on a store of its own."""
    for program in ("rsync", "chromium", "chromedriver"):
        require_program(program)
    (tmp_path / "data").mkdir()
    async with running_place(redis_url, tmp_path / "data") as place:
        yield place


@pytest.fixture
async def window(place: Place, tmp_path: Path) -> AsyncIterator[Window]:
    """A window in which an operator has logged in."""
    opening = open_window(place.url, tmp_path / "profile")
    window = await to_thread(opening.__enter__)
    try:
        await to_thread(window.log_in)
        yield window
        assert await to_thread(window.complaints) == []
    finally:
        await to_thread(opening.__exit__, None, None, None)
