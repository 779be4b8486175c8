"""When work is tried again (design §4): after transient failures with backoff and jitter, capped and counted;
after the loss of its owner at once, but not for ever.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.task import Task, Token
from domain.values import TaskResult, TaskStatus

MOST_OWNERS_LOST = 10
"""Work whose scheduler was lost this often may be what brings schedulers down: it is not run again."""


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How often and how late. Times in seconds."""

    max_retries: int = 5
    base_s: float = 2.0
    cap_s: float = 300.0

    def delay(self, failures: int, jitter: float) -> timedelta | None:
        """Return how long to wait after the ``failures``-th failure (1 for the first), or None to give up.

        ``jitter`` in [0, 1) spreads tasks that failed together over the upper half of the backoff.
        """
        if failures > self.max_retries:
            return None
        # The exponent is bounded before the power is taken, so that no count of failures overflows.
        backoff = min(self.cap_s, self.base_s * 2.0 ** min(failures - 1, 60))
        return timedelta(seconds=backoff * (0.5 + jitter / 2))


def lose_work(
    task: Task, token: Token, reason: str, at: datetime, *, is_repeatable: bool, result: TaskResult | None = None
) -> Task:
    """Return what becomes of a task whose work stopped before its end although nobody asked for that.

    Repeatable work goes back to the queue, up to :data:`MOST_OWNERS_LOST` times; other work that had begun has failed.
    Raises StaleLease.
    """
    if task.status is TaskStatus.CANCEL_REQUESTED:
        return task.confirm_cancel(token, at, result)
    if task.is_attempted and not is_repeatable:
        return task.fail(token, f"{reason}, and {task.service} may not be repeated", at, result)
    if task.is_attempted and task.owners_lost + 1 >= MOST_OWNERS_LOST:
        return task.fail(token, f"{reason}, for the {MOST_OWNERS_LOST}th time", at, result)
    return task.lose_owner(token, at, reason)
