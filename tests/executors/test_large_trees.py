"""The sizes that people have: many small files, one large one. Slow."""

from __future__ import annotations

import os
import random
from pathlib import Path

import pytest

from adapters.executors.local.executor import LocalExecutor
from tests.executors import trees
from tests.executors.driving import order, succeed

pytestmark = pytest.mark.slow

LARGE = 300 * 2**20


async def test_three_thousand_small_files(local: LocalExecutor, tmp_path: Path) -> None:
    source, target = tmp_path / "source", tmp_path / "target"
    source.mkdir()
    chance = random.Random(7)
    for number in range(3_000):
        directory = source / f"directory {number % 61}" / f"{number % 7}"
        directory.mkdir(parents=True, exist_ok=True)
        (directory / f"file {number}").write_bytes(chance.randbytes(chance.randrange(5_000)))
        (directory / f"file {number}").chmod(chance.choice((0o600, 0o640, 0o644, 0o755)))
    trees.set_times(source)
    ended = await succeed(local, order("sync", {"src": str(source), "dst": str(target)}))
    assert trees.snapshot(target) == trees.snapshot(source)
    assert ended.output.startswith("3000 files (")
    ended = await succeed(local, order("sync", {"src": str(source), "dst": str(target)}))
    assert ended.output == "Nothing to copy: 3000 files are there already."
    await succeed(local, order("rm", {"path": str(target)}))
    assert not target.exists()


async def test_one_large_file(local: LocalExecutor, tmp_path: Path) -> None:
    source, target = tmp_path / "source", tmp_path / "target"
    source.mkdir()
    block = random.Random(7).randbytes(2**20)
    with open(source / "large", "wb") as file:
        for number in range(LARGE // 2**20):
            file.write(number.to_bytes(8, "big") + block[8:])
    trees.set_times(source)
    ended = await succeed(local, order("cp", {"src": str(source), "dst": str(target)}))
    assert trees.snapshot(target) == trees.snapshot(source)
    assert ended.output == f"1 files ({LARGE} bytes) copied."
    assert ended.reports[-1].progress is not None
    assert ended.reports[-1].progress.bytes_done == ended.reports[-1].progress.bytes_total == LARGE
    os.unlink(source / "large")
