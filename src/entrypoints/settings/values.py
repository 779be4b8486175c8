"""The small values that settings are made of."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class SettingsError(Exception):
    """A setting cannot be used. Its text is one line that names the variable, the value and what is accepted."""


class StoreKind(StrEnum):
    """Where ledgers and records live."""

    REDIS = "redis"
    MEMORY = "memory"


class ExecutorKind(StrEnum):
    """Who does the work."""

    LOCAL = "local"
    KUBERNETES = "kubernetes"
    PLACEHOLDER = "placeholder"


class MoverKind(StrEnum):
    """The program with which the local executor moves data."""

    RCLONE = "rclone"
    RSYNC = "rsync"


class RunAs(StrEnum):
    """Whose rights the local executor's work has."""

    USER = "user"
    SERVICE = "service"


class MetricsAccess(StrEnum):
    """Who may read the metrics."""

    OPEN = "open"
    TOKEN = "token"
    OFF = "off"


class Tracing(StrEnum):
    """Where spans are sent."""

    OFF = "off"
    OTLP = "otlp"


@dataclass(frozen=True, slots=True)
class ServiceLimits:
    """How many tasks of one service may be at work at once; None means without limit."""

    every: int | None = None
    """For the services that are not named."""
    named: tuple[tuple[str, int], ...] = ()
