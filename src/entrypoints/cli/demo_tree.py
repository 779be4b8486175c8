"""A directory tree such as users have: many small files, a few big ones, links, and names that break careless tools."""

from __future__ import annotations

import os
import random
from dataclasses import dataclass
from pathlib import Path

SMALL_FILES = 3000
FILES_PER_DIRECTORY = 50
SMALLEST, LARGEST_SMALL = 100, 8_000
BIG_FILES = 5
BIG_BYTES = 48 * 1024 * 1024
CHUNK = 1024 * 1024

ODD_NAMES = (
    "with space.txt",
    "two  spaces and a trailing one ",
    "line\nbreak.txt",
    "tab\there",
    "'single' and \"double\" quotes",
    "-rf",
    "--delete",
    "*.txt",
    "$(id)`id`",
    "back\\slash",
    "한국어 이름.txt",
    "e\u0301 decomposed",
    "🧪",
    ".hidden",
    "x" * 255,
)
MODES = (0o644, 0o600, 0o640, 0o755, 0o444)
OLDEST, NEWEST = 1_000_000_000, 1_700_000_000
"""Seconds since 1970: files of several years."""


@dataclass(frozen=True, slots=True)
class TreeSize:
    """How much of everything a tree has; the defaults make about 260 MB."""

    small_files: int = SMALL_FILES
    big_files: int = BIG_FILES
    big_bytes: int = BIG_BYTES


class TreeMaker:
    """Fills a directory with a tree that is the same for the same seed."""

    def __init__(self, root: Path, size: TreeSize | None = None, seed: int = 2024) -> None:
        self._root = root
        self._size = size or TreeSize()
        self._random = random.Random(seed)

    def make(self) -> None:
        """Make the tree; its root must not be there yet. Raises OSError, such as for a full disk."""
        self._root.mkdir()
        self._small_files()
        self._big_files()
        self._odd_names()
        self._deep_and_empty_directories()
        self._links()
        self._settle_directories()

    def _small_files(self) -> None:
        for number in range(self._size.small_files):
            directory = self._root / "records" / f"{number // FILES_PER_DIRECTORY:03}"
            directory.mkdir(parents=True, exist_ok=True)
            self._write(directory / f"sample-{number:05}.dat", self._random.randint(SMALLEST, LARGEST_SMALL))

    def _big_files(self) -> None:
        (self._root / "images").mkdir()
        for number in range(self._size.big_files):
            self._write(self._root / "images" / f"volume-{number}.raw", self._size.big_bytes)

    def _odd_names(self) -> None:
        directory = self._root / "odd names"
        directory.mkdir()
        for name in ODD_NAMES:
            self._write(directory / name, 64)
        self._write(directory / "empty file", 0)

    def _deep_and_empty_directories(self) -> None:
        deep = self._root.joinpath("deep", *(f"level {level}" for level in range(30)))
        deep.mkdir(parents=True)
        self._write(deep / "at the bottom", 10)
        (self._root / "empty" / "also empty").mkdir(parents=True)

    def _links(self) -> None:
        directory = self._root / "links"
        directory.mkdir()
        (directory / "to a file").symlink_to("../odd names/with space.txt")
        (directory / "to a directory").symlink_to("../records")
        (directory / "absolute").symlink_to("/etc/hostname")
        (directory / "dangling").symlink_to("nowhere/at all")
        (directory / "loop").symlink_to("loop")

    def _settle_directories(self) -> None:
        """Last, for every new entry changes its directory's time."""
        for path, _, _ in os.walk(self._root, topdown=False):
            os.chmod(path, self._random.choice((0o755, 0o750, 0o700)))
            self._age(Path(path))

    def _write(self, path: Path, length: int) -> None:
        with path.open("xb") as file:
            for begin in range(0, length, CHUNK):
                file.write(self._random.randbytes(min(CHUNK, length - begin)))
        path.chmod(self._random.choice(MODES))
        self._age(path)

    def _age(self, path: Path) -> None:
        moment = self._random.randint(OLDEST, NEWEST) * 1_000_000_000 + self._random.randrange(1_000_000_000)
        os.utime(path, ns=(moment, moment))
