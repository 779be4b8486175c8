"""Which paths a task may touch (contract §6): those below the allowed roots, as text.

That a path does not leave its root through a symlink is a matter of the real file system, so the executor checks
it again where the work is done.
"""

from __future__ import annotations

import posixpath
from dataclasses import dataclass

from domain.errors import InvalidRequest


@dataclass(frozen=True, slots=True)
class PathPolicy:
    """The allowed roots, absolute and normalised."""

    roots: tuple[str, ...]

    def __post_init__(self) -> None:
        for root in self.roots:
            if not _is_normal(root) or "\0" in root:
                raise ValueError(f"an allowed root must be an absolute, normalised path: {root!r}")

    def check_source(self, name: str, path: object) -> str:
        """Return a path that is only read: a root itself or below one. Raises :class:`InvalidRequest`."""
        text = self._check_form(name, path)
        if not any(is_within(text, root) for root in self.roots):
            raise self._outside(name, text)
        return text

    def check_target(self, name: str, path: object) -> str:
        """Return a path that is written or removed: strictly below a root, and no root lies in it."""
        text = self._check_form(name, path)
        if text in self.roots:
            raise InvalidRequest(f"{name} {text!r} is a mount root; name a directory below it")
        if not any(is_within(text, root) for root in self.roots):
            raise self._outside(name, text)
        for root in self.roots:
            if is_within(root, text):
                raise InvalidRequest(f"{name} {text!r} contains the mount root {root!r}; name a directory below it")
        return text

    def check_pair(self, source: object, target: object) -> tuple[str, str]:
        """Return ``src`` and ``dst`` of a copy: neither may contain the other."""
        src, dst = self.check_source("src", source), self.check_target("dst", target)
        if is_within(src, dst) or is_within(dst, src):
            raise InvalidRequest(f"src {src!r} and dst {dst!r} may not contain one another")
        return src, dst

    def root_of(self, path: str) -> str:
        """Return the innermost root that holds a path that was checked before."""
        return max((root for root in self.roots if is_within(path, root)), key=len)

    def _check_form(self, name: str, path: object) -> str:
        if not isinstance(path, str) or not path:
            raise InvalidRequest(f"{name} is required and must be an absolute path, such as /pvs/data")
        if "\0" in path:
            raise InvalidRequest(f"{name} must not contain a NUL character")
        if not path.startswith("/"):
            raise InvalidRequest(f"{name} must be an absolute path, such as /pvs/data; got {path!r}")
        if not _is_normal(path):
            raise InvalidRequest(f"{name} must be normalised (no '.', '..', doubled or trailing slash); got {path!r}")
        return path

    def _outside(self, name: str, path: str) -> InvalidRequest:
        return InvalidRequest(f"{name} {path!r} is not below an allowed root ({', '.join(self.roots)})")


def is_within(path: str, root: str) -> bool:
    """Whether ``path`` is ``root`` or lies below it; both are normalised."""
    return path == root or path.startswith(root if root.endswith("/") else root + "/")


def _is_normal(path: str) -> bool:
    # normpath keeps exactly two leading slashes, which POSIX lets mean something else.
    return path.startswith("/") and not path.startswith("//") and posixpath.normpath(path) == path
