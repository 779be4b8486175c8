"""How `admin top` shows the service."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Group, RenderableType
from rich.filesize import decimal
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from entrypoints.cli.admin.client import Document
from entrypoints.cli.admin.output import cell, extent, fraction, rate, table, time_left
from entrypoints.cli.admin.overview import Overview
from entrypoints.cli.admin.throughput import ended, pace, sparkline

MOST_RUNNING = 20
MOST_USERS = 8
MOST_HEADS = 8
"""Lines of each part; the last line says how many more there are."""

BAR_WIDTH = 20


def view(overview: Overview, url: str, problem: str = "") -> RenderableType:
    """Return the whole screen. ``problem`` is why it could not be renewed."""
    parts: list[RenderableType] = [_headline(overview, url), _lately(overview)]
    if problem:
        parts.append(Text(f"{problem}; trying again", "bold red"))
    parts += [
        _running(overview),
        _beside(_waiting(overview), _users(overview)),
        _beside(_heads(overview), _replicas(overview)),
    ]
    return Group(*parts)


def _headline(overview: Overview, url: str) -> Text:
    line = Text(f"{url}: {overview.at_work} at work on {overview.slots} slots, {overview.waits} waiting")
    if overview.queue["delayed"]:
        line.append(f", {overview.queue['delayed']} wait for their retry")
    if overview.replicas["drained"]:
        line.append("  DRAINED: nothing is claimed", "bold yellow")
    return line


def _lately(overview: Overview) -> Text:
    hour = overview.throughput["hour"]
    tasks, moved = pace(hour)
    return Text(f"last hour: {tasks} tasks/min {sparkline(ended(hour))} {moved}")


def _running(overview: Overview) -> Table:
    shown = sorted(overview.running, key=lambda task: int(task["task_id"]))[:MOST_RUNNING]
    made = table(
        ("task", "service", "user", "", "%", "done", "rate", "time left"),
        (_running_line(task) for task in shown),
        title="Running",
    )
    _tell_rest(made, overview.running, MOST_RUNNING)
    return made


def _running_line(task: Document) -> list[object]:
    progress, part = task["progress"], fraction(task["progress"])
    return [
        task["task_id"],
        task["service"],
        task["user_id"],
        _bar(part),
        "-" if part is None else f"{part:.0%}",
        extent(progress),
        rate(progress),
        time_left(progress),
    ]


def _bar(part: float | None) -> Text | ProgressBar:
    return Text("-") if part is None else ProgressBar(total=1.0, completed=part, width=BAR_WIDTH)


def _waiting(overview: Overview) -> Table:
    lanes = ([lane["priority"], lane["service"], lane["count"]] for lane in overview.queue["waiting"])
    return table(("priority", "service", "tasks"), lanes, title="Waiting")


def _users(overview: Overview) -> Table:
    shown = ([*counts, decimal(moved)] for *counts, moved in overview.users[:MOST_USERS])
    made = table(("user", "running", "waiting", "moved, day"), shown, title="Users")
    _tell_rest(made, overview.users, MOST_USERS)
    return made


def _heads(overview: Overview) -> Table:
    heads = overview.queue["heads"]
    names = ("task_id", "priority", "service", "user_id", "running_of_user")
    rows = ([head[name] for name in names] for head in heads[:MOST_HEADS])
    made = table(("task", "priority", "service", "user", "runs"), rows, title="Next")
    _tell_rest(made, heads, MOST_HEADS)
    return made


def _replicas(overview: Overview) -> Table:
    present = overview.replicas["replicas"]
    rows = [[each["name"], f"{each['at_work']} of {each['slots']}", _state(each, overview)] for each in present]
    absent = set(overview.replicas["drained_replicas"]) - {each["name"] for each in present}
    rows += [[name, "-", cell("drained, not here", "yellow")] for name in sorted(absent)]
    return table(("replica", "at work", "state"), rows, title="Replicas")


def _state(replica: Document, overview: Overview) -> Text:
    if replica["draining"]:
        return cell("drained", "yellow")
    is_to_hear = overview.replicas["drained"] or replica["name"] in overview.replicas["drained_replicas"]
    return cell("is to drain", "yellow") if is_to_hear else cell("claims")


def _beside(left: Table, right: Table) -> Table:
    grid = Table.grid(padding=(0, 4))
    grid.add_row(left, right)
    return grid


def _tell_rest(made: Table, everything: Sequence[object], shown: int) -> None:
    if len(everything) > shown:
        made.add_row(cell(f"… {len(everything) - shown} more", "dim"))
