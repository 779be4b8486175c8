"""`dms-scheduler takeover`: settle what the previous scheduler left behind."""

from __future__ import annotations

import asyncio
import os
from dataclasses import replace
from datetime import datetime
from typing import Annotated
from zoneinfo import ZoneInfo

from cyclopts import Parameter
from rich.console import Console
from rich.table import Table
from rich.text import Text

from application.changeover import Settled, SettleUnowned
from domain.ports import StoreUnavailable
from entrypoints.cli.problems import Misuse, store_problem
from entrypoints.cli.text import printable
from entrypoints.container import make_container
from entrypoints.settings import ExecutorKind, Settings, StoreKind
from entrypoints.startup import check_settings

WIDTH_WITHOUT_TERMINAL = 160


def takeover(
    *,
    before: Annotated[str | None, Parameter(metavar="TIME")] = None,
    dry_run: Annotated[bool, Parameter(negative="", show_default=False)] = False,
    resubmit: Annotated[bool, Parameter(negative="", show_default=False)] = False,
) -> None:
    """Settle the tasks that the previous scheduler left unfinished, or whose submission got lost.

    These are records in Redis that are not terminal and that this scheduler has never accepted. Each becomes failed,
    saying to submit it again; with --resubmit each is accepted instead, if it can be run. One whose cancel was asked
    for becomes cancelled. Tasks of this scheduler are never touched. Redis is the one at DMS_REDIS_WRITE_URL;
    --resubmit needs the other DMS_* variables of the service too.

    Args:
        before: Leave out records written at this time or later: ISO 8601, in DMS_TIMEZONE where it names no offset.
            While a frontend is at work, name the moment of the change-over, or submits under way are failed too.
        dry_run: Show what would be done, and change nothing.
        resubmit: Accept them instead. Work that the previous scheduler had begun then begins anew.
    """
    settings = Settings.from_environment(os.environ)
    if settings.store is not StoreKind.REDIS:
        raise Misuse("takeover is for records in Redis: set DMS_STORE=redis")
    if resubmit:
        check_settings(settings)
    else:
        # The executor only judges whether a task could be run. Failing them must not need the service's roots.
        settings = replace(settings, executor=ExecutorKind.PLACEHOLDER)
    moment = parse_moment(before, settings.timezone) if before else None
    settled = asyncio.run(_settle(settings, moment, dry_run=dry_run, resubmit=resubmit))
    _show(settled, dry_run=dry_run)


def parse_moment(given: str, zone: ZoneInfo) -> datetime:
    """Return the moment that a text names. Raises Misuse."""
    try:
        moment = datetime.fromisoformat(given)
    except ValueError:
        raise Misuse(f"--before {given!r} is not an ISO 8601 time such as 2026-03-12T10:00:00+09:00") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=zone)


async def _settle(settings: Settings, before: datetime | None, *, dry_run: bool, resubmit: bool) -> list[Settled]:
    container = make_container(settings)
    try:
        settle = await container.get(SettleUnowned)
        return [each async for each in settle(before=before, resubmit=resubmit, dry_run=dry_run)]
    except StoreUnavailable as error:
        raise store_problem(settings, error) from error
    finally:
        await container.close()


def _show(settled: list[Settled], *, dry_run: bool) -> None:
    console = Console()
    if not console.is_terminal:
        console = Console(width=WIDTH_WITHOUT_TERMINAL)
    if settled:
        table = Table("task", "user", "service", "was", "becomes" if dry_run else "is now", "why")
        for each in sorted(settled, key=lambda each: int(each.task_id)):
            cells = (each.task_id, each.user_id, each.service, each.was, each.becomes, each.reason)
            table.add_row(*(Text(printable(cell)) for cell in cells))
        console.print(table)
    count = f"{len(settled)} record{'' if len(settled) == 1 else 's'}"
    print(f"{count} would be settled; nothing was changed." if dry_run else f"{count} settled.")
