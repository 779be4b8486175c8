"""Kinds of values that name one thing for another, such as ``/pvs=pvs,/home=home``."""

from __future__ import annotations

import posixpath
import re

from domain.values import Priority
from entrypoints.settings.kinds import Kind

Pairs = tuple[tuple[str, str], ...]

_NAME = re.compile(r"[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?")


def mounts() -> Kind[Pairs]:
    """The volume claim of each mount root."""
    return Kind("ROOT=CLAIM pairs separated by commas, such as /pvs=pvs,/home/gpu1=home", _mounts, _show)


def by_priority() -> Kind[Pairs]:
    """A name for each priority, or for one of them."""
    return Kind("high=NAME, low=NAME or both, such as high=high-q,low=low-q", _by_priority, _show)


def _mounts(given: str) -> Pairs:
    pairs = _pairs(given)
    for root, _ in pairs:
        if not root.startswith("/") or root.startswith("//") or posixpath.normpath(root) != root or "\0" in root:
            raise ValueError
    return pairs


def _by_priority(given: str) -> Pairs:
    pairs = _pairs(given)
    for priority, _ in pairs:
        Priority(priority)
    return pairs


def _pairs(given: str) -> Pairs:
    pairs = tuple((key, name) for key, _, name in (pair.rpartition("=") for pair in given.split(",")))
    if len({key for key, _ in pairs}) < len(pairs) or not all(key and _NAME.fullmatch(name) for key, name in pairs):
        raise ValueError
    return pairs


def _show(pairs: Pairs) -> str:
    return ",".join(f"{key}={name}" for key, name in pairs)
