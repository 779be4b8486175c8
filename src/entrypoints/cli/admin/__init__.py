"""`dms-scheduler admin`: what operators see and do, over the service's HTTP API."""

from entrypoints.cli.admin.app import admin

__all__ = ["admin"]
