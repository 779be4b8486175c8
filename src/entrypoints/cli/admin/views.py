"""`admin tasks`, `show`, `why` and `audit`: looking, without changing anything."""

from __future__ import annotations

from typing import Annotated

from cyclopts import Parameter

from domain.failures import FailureKind
from domain.values import TaskStatus
from entrypoints.cli.admin.access import EVERYWHERE, Access
from entrypoints.cli.admin.client import Document, segment
from entrypoints.cli.admin.output import console, extent, moment, pairs, print_json, table, time_left
from entrypoints.cli.text import printable

Limit = Annotated[int, Parameter(help="Lines of one page, from 1 to 1000.")]
Cursor = Annotated[str | None, Parameter(help="Where to go on: the page before says it.")]


def tasks(
    *,
    status: TaskStatus | None = None,
    user: str | None = None,
    service: str | None = None,
    failure: FailureKind | None = None,
    limit: Limit = 100,
    cursor: Cursor = None,
    access: Access = EVERYWHERE,
) -> None:
    """List tasks: live ones, then ended ones, the latest first.

    Args:
        status: Only tasks of this status.
        user: Only tasks of this user.
        service: Only tasks of this service, such as sync.
        failure: Only tasks that failed for a reason of this kind.
    """
    wanted = {"status": status, "user": user, "service": service, "failure": failure}
    page = access.client().get("/tasks", **wanted, limit=limit, cursor=cursor)
    if access.json:
        return print_json(page)
    columns = ("task", "status", "priority", "service", "user", "attempt", "done", "updated")
    console().print(table(columns, (_line(task) for task in page["tasks"])))
    _tell_more(page)


def show(task_id: str, /, *, access: Access = EVERYWHERE) -> None:
    """Show all that is known of a task: progress, attempts, place in the queue, parameters, result and log.

    Args:
        task_id: The task.
    """
    detail = access.client().get(f"/tasks/{segment(task_id)}")
    if access.json:
        return print_json(detail)
    out = console()
    out.print(pairs(_facts(detail)))
    out.print(pairs((f"  {name}", value) for name, value in detail["parameters"].items()))
    if detail["attempts"]:
        names = ("number", "generation", "owner", "started_at", "ended_at", "outcome")
        out.print(table(("attempt", *names[1:]), ([each[name] for name in names] for each in detail["attempts"])))
    for line in detail["logs"]:
        print(printable(line).replace("\n", r"\n"))


def why(task_id: str, /, *, access: Access = EVERYWHERE) -> None:
    """Say why a task is not running, or why it has ended so.

    Args:
        task_id: The task.
    """
    told = access.client().get(f"/tasks/{segment(task_id)}/why")
    if access.json:
        return print_json(told)
    out = console()
    out.print(pairs([("why", told["sentence"]), ("status", told["status"]), ("kind", told["kind"])]))
    out.print(pairs((f"  {name}", value) for name, value in told["facts"].items()))


def audit(*, limit: Limit = 100, cursor: Cursor = None, access: Access = EVERYWHERE) -> None:
    """Show what operators did: when, who, from where, what and why; the latest first."""
    page = access.client().get("/audit", limit=limit, cursor=cursor)
    if access.json:
        return print_json(page)
    names = ("operator", "address", "action", "task_id", "user_id", "detail", "reason", "outcome")
    rows = ([moment(event["at"]), *(event[name] for name in names)] for event in page["events"])
    console().print(table(("time", "operator", "from", "action", "task", "user", *names[5:]), rows))
    _tell_more(page)


def _line(task: Document) -> list[object]:
    names = ("task_id", "status", "priority", "service", "user_id", "attempt")
    return [*(task[name] for name in names), extent(task["progress"]), moment(task["updated_at"])]


def _facts(detail: Document) -> list[tuple[str, object]]:
    names = ("task_id", "status", "service", "user_id", "priority", "generation", "attempt", "failures", "record")
    place, result = detail["queue"], detail["result"]
    return [
        *((name.replace("_", " "), detail[name]) for name in names),
        ("accepted", moment(detail["accepted_at"])),
        ("updated", moment(detail["updated_at"])),
        ("queue", place["state"]),
        ("next try", moment(place["retry_at"])),
        ("replica", place["owner"]),
        ("done", extent(detail["progress"])),
        ("time left", time_left(detail["progress"])),
        ("pods", result["pod_status"]),
        ("output", result["launcher_output"]),
        ("parameters", None if not detail["parameters"] else ""),
    ]


def _tell_more(page: Document) -> None:
    if page["cursor"] is not None:
        print(f"There is more: --cursor {printable(page['cursor'])}")
