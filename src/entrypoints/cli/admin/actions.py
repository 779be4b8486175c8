"""`admin retry`, `priority`, `block`, `enable`, `drain` and `resume`: one action each."""

from __future__ import annotations

from typing import Annotated

from cyclopts import Parameter

from domain.values import Priority
from entrypoints.cli.admin.access import EVERYWHERE, Access
from entrypoints.cli.admin.client import Document, segment
from entrypoints.cli.admin.output import print_json
from entrypoints.cli.problems import Misuse
from entrypoints.cli.text import one_line

Reason = Annotated[str, Parameter(show_default=False, help="Why: one line for the audit, and for whom it concerns.")]
Everybody = Annotated[bool, Parameter(name="--everybody", negative="", show_default=False, help="All users.")]


def retry(task_id: str, /, *, reason: Reason = "", access: Access = EVERYWHERE) -> None:
    """Run a failed or cancelled task again, from the beginning and behind all others.

    Args:
        task_id: The task.
    """
    done = access.client().post(f"/tasks/{segment(task_id)}/retry", {"reason": reason})
    _tell(access, done, f"task {task_id} waits again (generation {done['generation']})")


def priority(task_id: str, priority: Priority, /, *, reason: Reason = "", access: Access = EVERYWHERE) -> None:
    """Change a task's priority: one that waits moves at once, one that runs goes on.

    Args:
        task_id: The task.
        priority: high goes before low.
    """
    done = access.client().post("/priority", {"task_id": task_id, "priority": priority, "reason": reason})
    _tell(access, done, f"task {task_id} has priority {done['priority']}")


def block(
    user: str | None = None,
    /,
    *,
    everybody: Everybody = False,
    until: str | None = None,
    reason: Reason = "",
    access: Access = EVERYWHERE,
) -> None:
    """Refuse new submits of a user, or of everybody. Accepted tasks go on, and cancels pass.

    Args:
        user: The user.
        until: When the block ends by itself: ISO 8601 with an offset. Default: when somebody enables submits.
    """
    ends = {} if until is None else {"until": until}
    done = access.client().post(_blocks(user, everybody, "block"), {"reason": reason, **ends})
    _tell(access, done, f"submits of {_whom(user)} are refused")


def enable(
    user: str | None = None, /, *, everybody: Everybody = False, reason: Reason = "", access: Access = EVERYWHERE
) -> None:
    """Take submits of a user again, or of everybody but those who are blocked by name.

    Args:
        user: The user.
    """
    done = access.client().post(_blocks(user, everybody, "enable"), {"reason": reason})
    _tell(access, done, f"submits of {_whom(user)} are taken")


def drain(*, replica: str | None = None, reason: Reason = "", access: Access = EVERYWHERE) -> None:
    """Claim nothing more, on all replicas or on one: what runs ends, nothing is cancelled, submits are accepted.

    Args:
        replica: The replica's name, as `top` shows it. Default: all replicas.
    """
    done = access.client().post("/drain", _about(replica, reason))
    _tell(access, done, _drained(done))


def resume(*, replica: str | None = None, reason: Reason = "", access: Access = EVERYWHERE) -> None:
    """Claim again, on all replicas or on one. Replicas that were drained by name stay so until they are named.

    Args:
        replica: The replica's name. Default: lift the drain of all replicas.
    """
    done = access.client().post("/resume", _about(replica, reason))
    _tell(access, done, _drained(done))


def _blocks(user: str | None, everybody: bool, action: str) -> str:
    if (user is None) is not everybody:
        raise Misuse("name a user, or say --everybody")
    return f"/{action}" if user is None else f"/users/{segment(user)}/{action}"


def _whom(user: str | None) -> str:
    return "everybody" if user is None else f"user {user}"


def _about(replica: str | None, reason: str) -> dict[str, object]:
    return {"reason": reason} if replica is None else {"replica": replica, "reason": reason}


def _drained(done: Document) -> str:
    named = ", ".join(done["drained_replicas"])
    if done["drained"]:
        return "all replicas are drained" + (f"; by name too: {named}" if named else "")
    return f"drained by name: {named}" if named else "no replica is drained"


def _tell(access: Access, done: Document, told: str) -> None:
    if access.json:
        print_json(done)
    else:
        print(one_line(told))
