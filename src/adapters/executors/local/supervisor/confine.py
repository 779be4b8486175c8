"""Confinement by the kernel (Landlock): a mover opens nothing outside its source and target, whatever links say.

A mover names files by path, so a directory that somebody swaps for a symlink while it is being walked could lead it
elsewhere. The rules here hold for the directories that were opened, not for their names, and need no rights of ours.
What Landlock does not cover: changes of mode, owner and times. Kernels before 5.13, and those that run with Landlock
switched off, do without; then the user's own rights and the mover's own care are what is left.
"""

from __future__ import annotations

import ctypes
import os
import stat
import struct

from adapters.executors.local.supervisor import linux

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_GET_VERSION = 1
_RULE_PATH_BENEATH = 1

_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_DIR = 1 << 0, 1 << 1, 1 << 2, 1 << 3
_MAKE_CHAR, _MAKE_BLOCK = 1 << 6, 1 << 11
_REFER, _TRUNCATE, _IOCTL_DEV = 1 << 13, 1 << 14, 1 << 15
_OF_FILES = _EXECUTE | _WRITE_FILE | _READ_FILE | _TRUNCATE | _IOCTL_DEV
_KNOWN_BY_VERSION = {1: _REFER - 1, 2: _TRUNCATE - 1, 3: _IOCTL_DEV - 1, 4: _IOCTL_DEV - 1}
_KNOWN_NOW = (_IOCTL_DEV << 1) - 1

_READ = _READ_FILE | _READ_DIR
_RUN = _READ | _EXECUTE
_CHANGE = _KNOWN_NOW & ~(_EXECUTE | _MAKE_CHAR | _MAKE_BLOCK | _IOCTL_DEV)
_SYSTEM = {
    "/usr": _RUN,
    "/lib": _RUN,
    "/lib64": _RUN,
    "/bin": _RUN,
    "/etc/ld.so.cache": _READ,
    "/etc/localtime": _READ,
    "/dev/null": _READ | _WRITE_FILE,
}
"""What a program needs to start: its libraries, and nothing in which people keep data."""


def landlock_version() -> int:
    """Return the kernel's version of Landlock, 0 where it has none."""
    try:
        return linux.call(_CREATE_RULESET, None, ctypes.c_size_t(0), ctypes.c_uint32(_GET_VERSION))
    except OSError:
        return 0


def confine(readable: list[int], writable: list[int], program: int) -> None:
    """Allow this process and its children to open only what lies at or below these open files, and the system's.

    Raises:
        OSError: the kernel refused.
    """
    known = _KNOWN_BY_VERSION.get(landlock_version(), _KNOWN_NOW)
    attributes = ctypes.create_string_buffer(struct.pack("=Q", known), 8)
    rules = linux.call(_CREATE_RULESET, attributes, ctypes.c_size_t(8), ctypes.c_uint32(0))
    try:
        for path, access in _SYSTEM.items():
            _allow_path(rules, path, access & known)
        _allow(rules, program, _RUN & known)
        for fd in readable:
            _allow(rules, fd, _READ & known)
        for fd in writable:
            _allow(rules, fd, _CHANGE & known)
        linux.call(_RESTRICT_SELF, ctypes.c_int(rules), ctypes.c_uint32(0))
    finally:
        os.close(rules)


def _allow_path(rules: int, path: str, access: int) -> None:
    try:
        fd = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except FileNotFoundError:
        return
    try:
        _allow(rules, fd, access)
    finally:
        os.close(fd)


def _allow(rules: int, fd: int, access: int) -> None:
    if not stat.S_ISDIR(os.fstat(fd).st_mode):
        access &= _OF_FILES
    rule = ctypes.create_string_buffer(struct.pack("=Qi", access, fd), 12)
    linux.call(_ADD_RULE, ctypes.c_int(rules), ctypes.c_int(_RULE_PATH_BENEATH), rule, ctypes.c_uint32(0))
