"""`admin cancel`: tasks by their ids, or all of a user or service."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Sequence
from typing import Annotated

from cyclopts import Parameter

from domain.values import TaskStatus
from entrypoints.cli.admin.access import EVERYWHERE, Access
from entrypoints.cli.admin.actions import Reason
from entrypoints.cli.admin.client import AdminClient, Document, Refused, segment
from entrypoints.cli.admin.output import print_json
from entrypoints.cli.problems import ExitCode, Misuse, Problem, tell
from entrypoints.cli.text import one_line

STOPPABLE = (TaskStatus.PENDING, TaskStatus.DISPATCHING, TaskStatus.RUNNING)
"""What a cancel by user or service looks for: a task that is being stopped need not be asked again."""

Yes = Annotated[
    bool, Parameter(name=("--yes", "-y"), negative="", show_default=False, help="Do not ask before many are cancelled.")
]


def cancel(
    *task_ids: str,
    user: str | None = None,
    service: str | None = None,
    reason: Reason = "",
    yes: Yes = False,
    access: Access = EVERYWHERE,
) -> int:
    """Stop tasks, whosever they are: those that are named, or all of a user, of a service, or of both together.

    Before all of a user or service are stopped, their number is shown and you are asked.

    Args:
        task_ids: The tasks.
        user: All tasks of this user that have not ended.
        service: All tasks of this service that have not ended.
    """
    client = access.client()
    if bool(task_ids) is (user is not None or service is not None):
        raise Misuse("name tasks, or a user or service whose tasks are to be cancelled, but not both")
    if not task_ids:
        task_ids = _confirmed(_stoppable(client, user, service), _of_whom(user, service), access, yes=yes)
    results = [_cancel(client, task_id, reason) for task_id in task_ids]
    if access.json:
        print_json({"tasks": results})
    else:
        _tell(results)
    return ExitCode.FAILED if any("error" in result for result in results) else ExitCode.DONE


def _stoppable(client: AdminClient, user: str | None, service: str | None) -> Sequence[Document]:
    """Return the tasks, each once: one may move on from one listing to the next."""
    found: dict[str, Document] = {}
    for status in STOPPABLE:
        for page in client.pages("/tasks", status=status, user=user, service=service):
            found.update((task["task_id"], task) for task in page["tasks"])
    return list(found.values())


def _confirmed(tasks: Sequence[Document], whose: str, access: Access, *, yes: bool) -> tuple[str, ...]:
    """Return the ids if the operator wants them cancelled. Raises Problem where not, Misuse where nobody is asked."""
    counts = Counter(str(task["status"]) for task in tasks)
    shown = ", ".join(f"{count} {status}" for status, count in sorted(counts.items()))
    count = "1 task" if len(tasks) == 1 else f"{len(tasks)} tasks"
    preview = one_line(f"{count} {whose}" + (f" ({shown})" if shown else ""))
    if tasks and not yes:
        if access.json or not sys.stdin.isatty():
            raise Misuse(f"{preview} would be cancelled; say --yes to cancel without being asked")
        print(f"Cancel {preview}? [y/N] ", end="", flush=True)
        if sys.stdin.readline().strip().lower() not in ("y", "yes"):
            raise Problem("nothing was cancelled")
    elif not access.json:
        print(f"Cancelling {preview}.")
    return tuple(task["task_id"] for task in tasks)


def _of_whom(user: str | None, service: str | None) -> str:
    named = [f"of user {user}"] if user is not None else []
    return " ".join([*named, *([f"of service {service}"] if service is not None else [])])


def _cancel(client: AdminClient, task_id: str, reason: str) -> dict[str, object]:
    try:
        return dict(client.post(f"/tasks/{segment(task_id)}/cancel", {"reason": reason}))
    except Refused as refusal:
        return {"task_id": task_id, "error": str(refusal)}


def _tell(results: Sequence[Document]) -> None:
    for result in results:
        if "error" in result:
            tell(str(result["error"]))
        else:
            print(one_line(f"task {result['task_id']}: {result['status']}"))
