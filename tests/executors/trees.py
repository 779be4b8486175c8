"""Trees that are hard to copy, and comparing them."""

from __future__ import annotations

import hashlib
import os
import socket
import stat
from dataclasses import dataclass
from pathlib import Path

FIRST_TIME_NS = 1_500_000_000_123_456_789

NAMES = (
    b"plain",
    b"two words",
    b" blank first",
    b"blank last ",
    b"new\nline",
    b"tab\tand\x01control",
    b"quotes ' \" `",
    b"$(reboot) ;&|<>",
    b"back\\slash",
    b"*?[x]{a,b}!",
    b"-rf",
    b"--delete",
    b"host:path",
    b"#hash",
    b"%41",
    b"caf\xc3\xa9",
    b"cafe\xcc\x81",
    "漢字 😀".encode(),
    "\u202eright to left".encode(),
    "\uff0e\uff0e".encode(),
    "\u201bDF".encode(),
    b"not UTF-8 \xdf\xff",
    b"Case",
    b"case",
    b"ends.partial",
    b"x" * 250,
)
"""Names of files, each hard for something."""

LINKS = {
    b"dangling": b"nowhere",
    b"absolute": b"/etc/passwd",
    b"looping": b"looping",
    b"to directory": b"directory",
    b"upwards": b"../../../..",
    b"odd\ntarget": b"new\nline \xdf",
}
"""Symlinks and their targets."""

MODES = {b"read-only": 0o444, b"executable": 0o755, b"private": 0o600, b"setuid": 0o4755, b"setgid": 0o2755}


@dataclass(frozen=True, slots=True)
class Seen:
    """What a copy has to keep."""

    mode: int
    uid: int
    gid: int
    mtime_ns: int
    content: str


def build_hard_tree(top: Path) -> None:
    """Build a tree with everything in it that movers stumble over, quickly."""
    top.mkdir()
    root = os.fsencode(top)
    for number, name in enumerate(NAMES):
        _write(root, name, b"content %d" % number)
    for name, target in LINKS.items():
        os.symlink(target, os.path.join(root, name))
    for name, mode in MODES.items():
        _write(root, name, name)
        os.chmod(os.path.join(root, name), mode)
    _write(root, b"empty file", b"")
    _write(root, b"-dash directory/\xe2\x82\xac/file", b"below")
    _write(root, b"deep/" + b"/".join(b"level %d" % level for level in range(50)) + b"/leaf", b"deep")
    _write(root, b"directory/file", b"x")
    for name, mode in ((b"empty", 0o755), (b"empty/inner", 0o700), (b"group", 0o2775), (b"sticky", 0o1777)):
        os.mkdir(os.path.join(root, name))
        os.chmod(os.path.join(root, name), mode)
    with open(top / "sparse", "wb") as sparse:
        sparse.truncate(4_000_000)
        sparse.seek(1_500_000)
        sparse.write(b"island")
    _write(root, b"locked/inner/file", b"locked in")
    os.chmod(top / "locked" / "inner", 0o555)
    os.chmod(top / "locked", 0o555)
    top.chmod(0o750)
    set_times(top)


def add_special_files(top: Path) -> None:
    """Add a fifo and a socket."""
    os.mkfifo(top / "fifo")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(top / "socket"))


def set_times(top: Path) -> None:
    """Give everything in a tree a time of its own in the past."""
    time_ns = FIRST_TIME_NS
    for directory, names, files in os.walk(os.fsencode(top), topdown=False):
        links = [name for name in names if os.path.islink(os.path.join(directory, name))]
        for path in (*(os.path.join(directory, name) for name in files + links), directory):
            time_ns += 1_000_000_007
            os.utime(path, ns=(time_ns, time_ns), follow_symlinks=False)


def snapshot(top: Path, *, owners: bool = True) -> dict[bytes, Seen]:
    """Read a tree, special files left out. Without ``owners`` they count as equal."""
    root = os.fsencode(top)
    seen: dict[bytes, Seen] = {b".": _see(root, owners=owners)}
    for directory, names, files in os.walk(root):
        for name in names + files:
            path = os.path.join(directory, name)
            mode = os.lstat(path).st_mode
            if stat.S_ISDIR(mode) or stat.S_ISREG(mode) or stat.S_ISLNK(mode):
                seen[os.path.relpath(path, root)] = _see(path, owners=owners)
    return seen


def content(top: Path) -> dict[bytes, str]:
    """Read only names and contents of a tree."""
    return {name: seen.content for name, seen in snapshot(top).items()}


def unlock(top: Path) -> None:
    """Let a tree be removed by the test's own account."""
    for directory, _, _ in os.walk(top):
        os.chmod(directory, stat.S_IMODE(os.stat(directory).st_mode) | 0o700)


def _see(path: bytes, *, owners: bool) -> Seen:
    status = os.lstat(path)
    if stat.S_ISLNK(status.st_mode):
        held = "-> " + repr(os.readlink(path))
    elif stat.S_ISREG(status.st_mode):
        with open(path, "rb") as file:
            held = hashlib.file_digest(file, "sha256").hexdigest()
    else:
        held = "directory"
    uid, gid = (status.st_uid, status.st_gid) if owners else (-1, -1)
    return Seen(status.st_mode, uid, gid, status.st_mtime_ns, held)


def _write(root: bytes, name: bytes, data: bytes) -> None:
    path = os.path.join(root, name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as file:
        file.write(data)
