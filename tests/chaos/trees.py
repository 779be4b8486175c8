"""Small real trees to move and to remove."""

from __future__ import annotations

import random
import re
from pathlib import Path

SOURCES = 8
FILES = 12
FILE_BYTES = 40_000
DOOMED_FILES = 40
DOOMED_MANY = 800
"""So many files take a removal long enough to be met in the midst of it."""

TEMPORARY = re.compile(r"\.f[0-9]+\.\w{6}|f[0-9]+\.\w+\.partial")
"""Names that rsync and rclone give to files that they have not finished."""


class Trees:
    """All under one root, which the service may touch."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._sources: list[Path] = []

    def plant(self, dice: random.Random) -> None:
        """Make the trees that are copied."""
        for number in range(SOURCES):
            source = self.root / "sources" / str(number)
            for name in range(FILES):
                file = source / f"d{name % 3}" / f"f{name}"
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_bytes(dice.randbytes(FILE_BYTES))
            self._sources.append(source)

    def source(self, number: int) -> Path:
        """A tree to copy; several tasks may copy one."""
        return self._sources[number % len(self._sources)]

    def target(self, number: int) -> Path:
        """Where the copy of the task with this number is to be."""
        target = self.root / "targets" / str(number)
        target.parent.mkdir(exist_ok=True)
        return target

    def doomed(self, number: int) -> Path:
        """Make a tree for one task to remove; some take a while."""
        doomed = self.root / "doomed" / str(number)
        doomed.mkdir(parents=True)
        for name in range(DOOMED_MANY if number % 4 == 0 else DOOMED_FILES):
            (doomed / str(name)).touch()
        return doomed


def differences(source: Path, target: Path) -> list[str]:
    """Say in what a finished copy differs from its source."""
    here, there = _contents(source), _contents(target)
    names = sorted(here.keys() | there.keys())
    return [f"{name} differs" for name in names if here.get(name) != there.get(name) and not _left_behind(name)]


def leftovers(target: Path) -> list[str]:
    """Return the temporary files that movers left behind because they were killed."""
    return sorted(filter(_left_behind, _contents(target)))


def _left_behind(name: str) -> bool:
    return TEMPORARY.fullmatch(Path(name).name) is not None


def _contents(tree: Path) -> dict[str, bytes]:
    return {str(path.relative_to(tree)): path.read_bytes() for path in tree.rglob("*") if path.is_file()}
