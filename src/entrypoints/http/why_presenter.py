"""Why a task is where it is, as operators see it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields

from application.explain import Explanation
from domain import reasons, stages
from domain.why import Why
from entrypoints.http.schemas.why import PositionView, WhyKind, WhyView

_KINDS: Mapping[type[Why], WhyKind] = {
    reasons.RetryAt: "retry_at",
    reasons.UserLimit: "user_limit",
    reasons.ServiceLimit: "service_limit",
    reasons.HighPriorityFirst: "high_priority_first",
    reasons.OwnTasksFirst: "own_tasks_first",
    reasons.OtherUsersFirst: "other_users_first",
    reasons.Recovering: "recovering",
    reasons.NoFreeSlot: "no_free_slot",
    stages.Claimed: "claimed",
    stages.Starting: "starting",
    stages.Running: "running",
    stages.Stopping: "stopping",
    stages.Done: "completed",
    stages.FailedFor: "failed",
    stages.CancelledFor: "cancelled",
}


def why_view(explanation: Explanation) -> WhyView:
    """Return the reason in one sentence and as data."""
    task, why, position = explanation.task, explanation.why, explanation.position
    return WhyView(
        task_id=task.task_id,
        status=task.status,
        kind=_KINDS[type(why)],
        sentence=explanation.sentence,
        facts={field.name: getattr(why, field.name) for field in fields(why)},
        position=None if position is None else PositionView(position.earlier_own, position.users_before),
    )
