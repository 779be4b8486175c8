"""`admin throughput` and `users`: what was done lately, and for whom."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Annotated

from cyclopts import Parameter
from rich.filesize import decimal

from application.users import UserOrder
from entrypoints.cli.admin.access import EVERYWHERE, Access
from entrypoints.cli.admin.client import Document
from entrypoints.cli.admin.output import console, moment, pairs, print_json, table

OUTCOMES = ("completed", "failed", "cancelled")

HEIGHTS = "▁▂▃▄▅▆▇█"
NOTHING = "·"

DAY_COLUMN_STEPS = 2
"""Quarters of an hour that one column of the day stands for."""

Limit = Annotated[int, Parameter(help="Users that are shown, from 1 to 1000.")]


def throughput(*, access: Access = EVERYWHERE) -> None:
    """Show what ended and how many bytes were moved within the last hour and day, and what failures were about."""
    seen = access.client().get("/throughput")
    if access.json:
        return print_json(seen)
    out, columns = console(), ("", *OUTCOMES, "tasks/min", "bytes/s", "bytes")
    out.print(table(columns, ([f"last {span}", *_total(seen[span])] for span in ("hour", "day"))))
    out.print(pairs(_lines(seen)))
    kinds = sorted(seen["day"]["failures"].items(), key=lambda each: -each[1])
    if kinds:
        failures = ([kind, seen["hour"]["failures"].get(kind, 0), count] for kind, count in kinds)
        out.print(table(("failed for", "last hour", "last day"), failures))


def users(*, sort: UserOrder = UserOrder.TASKS, limit: Limit = 100, access: Access = EVERYWHERE) -> None:
    """Show who has tasks here, for whom data was moved, and who is blocked.

    Args:
        sort: Who comes first: who has most tasks, or for whom most was moved within a day or a week.
    """
    seen = access.client().get("/users", sort=sort, limit=limit)
    if access.json:
        return print_json(seen)
    columns = ("user", "at work", "waiting, high", "waiting, low", "moved, day", "moved, week", "submits")
    console().print(table(columns, (_line(user) for user in seen["users"])))
    print(f"Moved since {moment(seen['day_since'])} and {moment(seen['week_since'])}.")
    if seen["incomplete"]:
        print("There may be more users.")


def pace(span: Document) -> tuple[str, str]:
    """Return tasks a minute and bytes a second, for people."""
    return f"{span['tasks_per_minute']:.1f}", f"{decimal(int(span['bytes_per_second']))}/s"


def ended(span: Document) -> list[int]:
    """Return how many tasks ended in each step, however."""
    return [sum(step[outcome] for outcome in OUTCOMES) for step in span["steps"]]


def sparkline(values: Sequence[int]) -> str:
    """Return a line of bars, the highest of which is as high as a character; a dot where there is nothing."""
    most = max(values, default=0)
    return "".join(HEIGHTS[(len(HEIGHTS) * value - 1) // most] if value else NOTHING for value in values)


def _total(span: Document) -> Iterable[object]:
    whole = span["total"]
    return [*(whole[outcome] for outcome in OUTCOMES), *pace(span), decimal(whole["bytes"])]


def _lines(seen: Document) -> Iterable[tuple[str, str]]:
    hour, day = seen["hour"], seen["day"]
    yield "tasks by minute, last hour", sparkline(ended(hour))
    yield "bytes by minute, last hour", sparkline([step["bytes"] for step in hour["steps"]])
    yield "tasks by half hour, last day", sparkline(_columns(ended(day)))
    yield "bytes by half hour, last day", sparkline(_columns([step["bytes"] for step in day["steps"]]))


def _columns(steps: Sequence[int]) -> list[int]:
    return [sum(steps[first : first + DAY_COLUMN_STEPS]) for first in range(0, len(steps), DAY_COLUMN_STEPS)]


def _line(user: Document) -> list[object]:
    counts = [user[name] for name in ("user_id", "running", "waiting_high", "waiting_low")]
    return [*counts, decimal(user["bytes_day"]), decimal(user["bytes_week"]), _submits(user["block"])]


def _submits(block: Document | None) -> str:
    if block is None:
        return "taken"
    until = f" until {moment(block['until'])}" if block["until"] else ""
    return f"refused{until}: {block['reason']}" if block["reason"] else f"refused{until}"
