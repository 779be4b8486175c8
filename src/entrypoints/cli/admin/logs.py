"""`admin logs`: the log of a task."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from typing import Annotated

from cyclopts import Parameter

from domain.values import TaskStatus
from entrypoints.cli.admin.access import EVERYWHERE, Access
from entrypoints.cli.admin.client import segment
from entrypoints.cli.text import one_line

LOOK_S = 0.5
"""How often a task is looked at while its log is followed."""

Follow = Annotated[bool, Parameter(name=("--follow", "-f"), negative="", show_default=False)]


def logs(task_id: str, /, *, follow: Follow = False, access: Access = EVERYWHERE) -> None:
    """Print the log of a task. With --json each line is an object of its own.

    Args:
        task_id: The task.
        follow: Go on with new lines until the task has ended.
    """
    client, shown = access.client(), set[str]()
    while True:
        detail = client.get(f"/tasks/{segment(task_id)}")
        # A line may come late and stand before others: it is known by its text, as no line is in a log twice.
        _print([line for line in detail["logs"] if line not in shown], as_json=access.json)
        shown.update(detail["logs"])
        if not follow or TaskStatus(detail["status"]).is_terminal:
            return
        time.sleep(LOOK_S)


def _print(lines: Sequence[str], *, as_json: bool) -> None:
    for line in lines:
        when, _, message = line.partition(",")
        print(json.dumps({"time": when, "message": message}) if as_json else one_line(line), flush=True)
