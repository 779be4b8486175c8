"""The least that a copy can be: a walk with copy_file_range, which skips what has the same size and time.

It verifies nothing, keeps modes and times, and is a program: `python -m benchmarks.movers.copy_loop FROM TO`.
"""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

_AT_ONCE = 64 * 2**20


def copy(source: Path, target: Path) -> None:
    """Copy a file or a tree."""
    if source.is_dir():
        target.mkdir(exist_ok=True)
        with os.scandir(source) as entries:
            for entry in entries:
                _copy_entry(entry, target)
        shutil.copystat(source, target)
    else:
        _copy_file(str(source), str(target), source.stat())


def _copy_entry(entry: os.DirEntry[str], target: Path) -> None:
    if entry.is_symlink():
        link = target / entry.name
        link.unlink(missing_ok=True)
        link.symlink_to(os.readlink(entry.path))
    elif entry.is_dir():
        copy(Path(entry.path), target / entry.name)
    else:
        _copy_file(entry.path, f"{target}/{entry.name}", entry.stat())


def _copy_file(source: str, target: str, status: os.stat_result) -> None:
    try:
        standing = os.stat(target)
    except FileNotFoundError:
        pass
    else:
        if (standing.st_size, standing.st_mtime_ns) == (status.st_size, status.st_mtime_ns):
            return
    with open(source, "rb", buffering=0) as reader, open(target, "wb", buffering=0) as writer:
        while os.copy_file_range(reader.fileno(), writer.fileno(), _AT_ONCE):
            pass
        os.fchmod(writer.fileno(), status.st_mode & 0o7777)
        os.utime(writer.fileno(), ns=(status.st_atime_ns, status.st_mtime_ns))


if __name__ == "__main__":
    copy(Path(sys.argv[1]), Path(sys.argv[2]))
