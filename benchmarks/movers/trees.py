"""What is copied: one large file, many small ones, and a tree of all sizes."""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from pathlib import Path

_CHUNK = 4 * 2**20
_FILES_A_DIRECTORY = 200
_MIXED_SIZES = (0, 100, 4 * 2**10, 30 * 2**10, 200 * 2**10, 2**20, 16 * 2**20)
"""Each ten times as frequent as the next but one."""
_MIXED_SHARES = (30, 300, 300, 200, 100, 60, 10)
_SEED = 20261128


def large_file(path: Path, mebibytes: int) -> None:
    """Make one file that cannot be compressed, nor taken for a hole."""
    _write(path, mebibytes * 2**20, random.Random(_SEED))


def small_files(path: Path, number: int, size: int) -> None:
    """Make so many files of the same size, 200 in a directory."""
    draw = random.Random(_SEED)
    for index in range(number):
        if index % _FILES_A_DIRECTORY == 0:
            directory = path / f"{index // _FILES_A_DIRECTORY:04}"
            directory.mkdir(parents=True)
        _write(directory / f"{index:06}", size, draw)


def mixed_tree(path: Path, number: int) -> None:
    """Make files from nothing to 16 MiB, three directories deep, and a symlink beside each tenth."""
    draw = random.Random(_SEED)
    for index, size in enumerate(draw.choices(_MIXED_SIZES, _MIXED_SHARES, k=number)):
        directory = path / f"{index % 5}" / f"{index % 7}" / f"{index % 11}"
        directory.mkdir(parents=True, exist_ok=True)
        _write(directory / f"{index:06}", size, draw)
        if index % 10 == 0:
            (directory / f"{index:06}.link").symlink_to(f"{index:06}")


def change(path: Path) -> None:
    """Make each file a byte longer, so that nothing which was copied before is up to date."""
    for file, status in _files(path):
        os.truncate(file, status.st_size + 1)


def extent(path: Path) -> tuple[int, int]:
    """Return the number of files and the sum of their bytes."""
    sizes = [status.st_size for _, status in _files(path)]
    return len(sizes), sum(sizes)


def _files(path: Path) -> Iterator[tuple[Path, os.stat_result]]:
    found = [path] if path.is_file() else sorted(each for each in path.rglob("*") if not each.is_dir())
    return ((each, each.lstat()) for each in found if not each.is_symlink())


def _write(path: Path, size: int, draw: random.Random) -> None:
    with path.open("wb") as file:
        for begin in range(0, size, _CHUNK):
            file.write(draw.randbytes(min(_CHUNK, size - begin)))
