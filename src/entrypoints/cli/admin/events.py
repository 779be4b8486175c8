"""`admin events`: what happens, as it happens."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Annotated

from cyclopts import Parameter

from application.consumers import EventKind
from entrypoints.cli.admin.access import EVERYWHERE, Access
from entrypoints.cli.admin.client import Document, Unreachable
from entrypoints.cli.admin.event_stream import Event, EventStream
from entrypoints.cli.admin.output import extent, moment
from entrypoints.cli.interrupts import sigterm_as_ctrl_c
from entrypoints.cli.problems import tell
from entrypoints.cli.text import one_line

Kinds = Annotated[tuple[EventKind, ...], Parameter(name="--kind", negative="", show_default=False)]


def events(
    *,
    task: str | None = None,
    user: str | None = None,
    service: str | None = None,
    kinds: Kinds = (),
    since: str | None = None,
    access: Access = EVERYWHERE,
) -> None:
    """Print what happens, a line each, until Ctrl-C. With --json each line is an object of its own.

    A connection that breaks is made again, and nothing is missed: where that cannot be, a line says so.

    Args:
        task: Only of this task.
        user: Only of tasks of this user.
        service: Only of tasks of this service, such as sync.
        kinds: Only changes of tasks, progress of their work, or counts of the queue; may be given more than once.
        since: Go on behind this event: an id that --json shows.
    """
    query = {"task": task, "user": user, "service": service, "kinds": ",".join(kinds) or None}
    stream = EventStream(access.client(), query, since, _tell_break)
    sigterm_as_ctrl_c()
    with suppress(KeyboardInterrupt):
        for event in stream:
            print(_object(event) if access.json else one_line(_line(event)), flush=True)


def _tell_break(error: Unreachable) -> None:
    tell(f"{error}; trying again")


def _object(event: Event) -> str:
    return json.dumps({"id": event.id, "event": event.kind, "data": event.data})


def _line(event: Event) -> str:
    match event.kind:
        case "task" | "progress":
            return _task_line(event.data)
        case "queue":
            return _queue_line(event.data)
        case _:
            return f"{event.kind}: {event.data.get('reason', '')}"


def _task_line(task: Document) -> str:
    facts = (moment(task["at"]), f"task {task['task_id']}", task["status"], task["priority"], task["service"])
    return "  ".join((*facts, task["user_id"], f"attempt {task['attempt']}", extent(task["progress"])))


def _queue_line(queue: Document) -> str:
    waiting, at_work = sum(lane["count"] for lane in queue["waiting"]), sum(queue["at_work"].values())
    return f"queue: {waiting} wait, {queue['delayed']} more for the time of their retry, {at_work} at work"
