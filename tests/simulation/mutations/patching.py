"""Replacing a part of the product for a while."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

Mutation = Callable[[], AbstractContextManager[None]]


@contextmanager
def replaced(owner: object, name: str, replacement: object) -> Iterator[None]:
    """Replace an attribute of a class or module. It must be there: a mutation of nothing would prove nothing."""
    before = vars(owner)[name]
    setattr(owner, name, replacement)
    try:
        yield
    finally:
        setattr(owner, name, before)


@contextmanager
def wrapped(owner: object, name: str, wrap: Callable[[Any], Any]) -> Iterator[None]:
    """Replace a function or method by what ``wrap`` makes of it."""
    with replaced(owner, name, wrap(vars(owner)[name])):
        yield


@contextmanager
def fixed(owner: type, name: str, value: object) -> Iterator[None]:
    """Have an attribute that instances set in their ``__init__`` keep one value, whatever is assigned to it."""
    assert name in owner.__init__.__code__.co_names, f"{owner.__name__} sets no {name}"  # type: ignore[misc]
    setattr(owner, name, property(lambda self: value, lambda self, ignored: None))
    try:
        yield
    finally:
        delattr(owner, name)
