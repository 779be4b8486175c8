"""Tracing with OpenTelemetry, an optional extra: nothing outside of this package imports it."""
