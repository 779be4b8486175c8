"""How a scenario's world is made."""

from __future__ import annotations

from dataclasses import dataclass

from domain.dispatch import Limits
from domain.values import Priority

NO_LIMITS = Limits()


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Of both replicas and their work."""

    slots: int = 2
    limits: Limits = NO_LIMITS
    quick: bool = False
    """Whether work that is asked for in the race is done at once; else its start and its end are turns of their own."""
    outlives: bool = False
    """Whether work goes on without its replica."""


@dataclass(frozen=True)
class Registered:
    """A task as its user created it."""

    user_id: str = "alice"
    service: str = "sync"
    priority: Priority = Priority.LOW
