"""The service's settings: read from `DMS_*` variables, described in one place (:class:`Settings`)."""

from entrypoints.settings.kinds import hide_password
from entrypoints.settings.model import Settings, SettingsRow, settings_table
from entrypoints.settings.service import DEFAULT_TOKEN
from entrypoints.settings.values import (
    ExecutorKind,
    MetricsAccess,
    MoverKind,
    RunAs,
    ServiceLimits,
    SettingsError,
    StoreKind,
    Tracing,
)

__all__ = [
    "DEFAULT_TOKEN",
    "ExecutorKind",
    "MetricsAccess",
    "MoverKind",
    "RunAs",
    "ServiceLimits",
    "Settings",
    "SettingsError",
    "SettingsRow",
    "StoreKind",
    "Tracing",
    "hide_password",
    "settings_table",
]
