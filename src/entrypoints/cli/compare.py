"""Comparing two directory trees, independently of the program that copied one to the other."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Entry:
    """What must be the same on both sides."""

    kind: str
    mode: int
    owner: tuple[int, int]
    modified_ns: int
    content: str
    """SHA-256 of a file, target of a link, empty for a directory."""


@dataclass(slots=True)
class Comparison:
    """What was looked at, and every difference in words."""

    files: int = 0
    directories: int = 0
    links: int = 0
    bytes: int = 0
    differences: tuple[str, ...] = ()


def compare_trees(source: Path, copy: Path) -> Comparison:
    """Read both trees and compare names, kinds, contents, modes, owners, times of change and targets of links.

    Times of links are left out: not every mover can set them. Raises OSError where a tree cannot be read.
    """
    wanted, found = dict(_entries(source)), dict(_entries(copy))
    differences = [f"missing: {name!r}" for name in sorted(wanted.keys() - found.keys())]
    differences += [f"not in the source: {name!r}" for name in sorted(found.keys() - wanted.keys())]
    for name in sorted(wanted.keys() & found.keys()):
        differences += _differences(name, wanted[name], found[name])
    kinds = [entry.kind for entry in wanted.values()]
    return Comparison(
        files=kinds.count("file"),
        directories=kinds.count("directory"),
        links=kinds.count("link"),
        bytes=sum((source / name).lstat().st_size for name, entry in wanted.items() if entry.kind == "file"),
        differences=tuple(differences),
    )


def _differences(name: str, wanted: Entry, found: Entry) -> Iterator[str]:
    for field in ("kind", "content", "mode", "owner", "modified_ns"):
        if field == "modified_ns" and wanted.kind == "link":
            continue
        want, have = getattr(wanted, field), getattr(found, field)
        if want != have:
            yield f"{field} of {name!r} is {have!r}, in the source {want!r}"


def _entries(root: Path) -> Iterator[tuple[str, Entry]]:
    yield ".", _entry(root)
    for directory, directories, files in os.walk(root):
        for name in [*directories, *files]:
            path = Path(directory, name)
            yield str(path.relative_to(root)), _entry(path)


def _entry(path: Path) -> Entry:
    status = path.lstat()
    kind, content = _kind_and_content(path, status.st_mode)
    return Entry(kind, stat.S_IMODE(status.st_mode), (status.st_uid, status.st_gid), status.st_mtime_ns, content)


def _kind_and_content(path: Path, mode: int) -> tuple[str, str]:
    if stat.S_ISLNK(mode):
        return "link", os.readlink(path)
    if stat.S_ISDIR(mode):
        return "directory", ""
    if not stat.S_ISREG(mode):
        return "special", ""
    with path.open("rb") as file:
        return "file", hashlib.file_digest(file, "sha256").hexdigest()
