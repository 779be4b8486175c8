"""`dms-scheduler demo`: the service at work on a real tree, checked by something else than the service."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from pathlib import Path

from rich.console import Console

from entrypoints.cli.demo_story import Story, Tale
from entrypoints.cli.demo_tree import TreeMaker, TreeSize
from entrypoints.cli.embedded import embedded_service, embedded_settings
from entrypoints.cli.interrupts import interrupts, sigterm_as_ctrl_c
from entrypoints.cli.problems import ExitCode, Problem

SPACE_FACTOR = 2.5
"""The tree, its copy, and a copy that is cancelled."""


def demo() -> None:
    """Move a real directory tree through the real HTTP API, check the copy, and show a cancel and a block.

    It runs as your own account in a temporary directory, which it removes, and needs about 600 MB there for less than
    a minute. TMPDIR chooses another place. The exit code is 0 only if everything was as it should be.
    """
    sigterm_as_ctrl_c()
    console = Console(highlight=False)
    with tempfile.TemporaryDirectory(prefix="dms-scheduler-demo-") as directory:
        place = Path(directory).resolve()
        size = TreeSize()
        _check_space(place, size)
        console.print(f"Making a directory tree in {place} …")
        TreeMaker(place / "source", size).make()
        tale = asyncio.run(_tell(place, console))
    console.print()
    console.print("\n".join(tale.explanation()), markup=False, soft_wrap=True)


async def _tell(place: Path, console: Console) -> Tale:
    async def stop() -> None:
        raise Problem("interrupted; everything was removed", ExitCode.INTERRUPTED)

    with interrupts() as ctrl_c:
        async with embedded_service(embedded_settings((str(place),))) as service:
            story = Story(service, place, console)
            return await ctrl_c.wait_for(story.tell(), stop)


def _check_space(place: Path, size: TreeSize) -> None:
    needed = int(size.big_files * size.big_bytes * SPACE_FACTOR)
    free = shutil.disk_usage(place).free
    if free < needed:
        raise Problem(
            f"the demo needs {needed // 10**6} MB in {place.parent}, and {free // 10**6} MB are free; "
            "set TMPDIR to a directory with more room"
        )
