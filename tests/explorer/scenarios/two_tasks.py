"""Two tasks, of one user or of two."""

from __future__ import annotations

from domain.dispatch import Limits
from tests.explorer.actors import (
    R1,
    R2,
    blocks,
    cancels,
    changes_priority,
    dies,
    in_turn,
    is_at_work,
    submits,
    takes_over,
    time_passes,
    work_has_ended,
    works,
)
from tests.explorer.case import case
from tests.explorer.settings import Registered, Settings

BOTH = (submits(R1, "1"), submits(R1, "2"))
TWO_USERS = (Registered("alice"), Registered("bob"))
ONE_USER = (Registered("alice"), Registered("alice"))
ONE_SLOT = Settings(slots=1, quick=True)
ONE_EACH = Settings(quick=True, limits=Limits(per_user=1))

TWO_TASKS = (
    case(
        "submit, submit of two users",
        {"completed 1, completed 1 (accepted, accepted)"},
        submits(R1, "1"),
        submits(R2, "2"),
        tasks=TWO_USERS,
    ),
    case(
        "submit, submit of one user, claim",
        {"completed 1, completed 1 (accepted, accepted)"},
        submits(R1, "1"),
        submits(R2, "2"),
        works(R2),
        tasks=ONE_USER,
        settings=ONE_SLOT,
    ),
    case(
        "submit, submit, block of one",
        {"completed 1, completed 1 (accepted, accepted, done)", "completed 1, unknown 0 (accepted, Blocked, done)"},
        submits(R1, "1"),
        submits(R2, "2"),
        blocks(R2, "bob"),
        tasks=TWO_USERS,
    ),
    case(
        "two claims of two users' tasks",
        {"completed 1, completed 1"},
        works(R1),
        works(R2),
        before=BOTH,
        tasks=TWO_USERS,
    ),
    case(
        "two claims of two users' tasks, a slot each",
        {"completed 1, completed 1"},
        works(R1),
        works(R2),
        before=BOTH,
        tasks=TWO_USERS,
        settings=ONE_SLOT,
    ),
    case(
        "two claims of one user's tasks",
        {"completed 1, completed 1"},
        works(R1),
        works(R2),
        before=BOTH,
        tasks=ONE_USER,
    ),
    case(
        "two claims of one user's tasks, a slot each",
        {"completed 1, completed 1"},
        works(R1),
        works(R2),
        before=BOTH,
        tasks=ONE_USER,
        settings=ONE_SLOT,
    ),
    case(
        "two claims where a user may run one",
        {"completed 1, completed 1"},
        works(R1),
        works(R2),
        before=BOTH,
        tasks=ONE_USER,
        settings=ONE_EACH,
    ),
    case(
        "claim, cancel of the second",
        {
            "completed 1, cancelled 0 (cancel_requested)",
            "completed 1, cancelled 0 (cancelled)",
            "completed 1, completed 1 (cancel_requested)",
            "completed 1, completed 1 (completed)",
        },
        works(R1),
        cancels(R2, "2"),
        before=BOTH,
        tasks=ONE_USER,
        settings=ONE_SLOT,
    ),
    case(
        "claim, priority of the second",
        {"completed 1, completed 1 (AlreadyEnded)", "completed 1, completed 1 (changed)"},
        works(R1),
        changes_priority(R2, task_id="2"),
        before=BOTH,
        tasks=ONE_USER,
        settings=ONE_SLOT,
    ),
    case(
        "outcome of the first, claim of the second",
        {"completed 1, completed 1"},
        works(R2),
        before=(*BOTH, is_at_work(R1)),
        tasks=ONE_USER,
        settings=ONE_SLOT,
    ),
    case(
        "outcome of the first, cancel of both",
        {
            "completed 1, cancelled 0 (cancel_requested, cancel_requested)",
            "completed 1, cancelled 0 (cancel_requested, cancelled)",
            "completed 1, cancelled 0 (completed, cancel_requested)",
            "completed 1, cancelled 0 (completed, cancelled)",
            "completed 1, completed 1 (cancel_requested, cancel_requested)",
            "completed 1, completed 1 (cancel_requested, completed)",
            "completed 1, completed 1 (completed, cancel_requested)",
            "completed 1, completed 1 (completed, completed)",
        },
        in_turn(cancels(R2, "1"), cancels(R2, "2")),
        before=(*BOTH, is_at_work(R1)),
        tasks=ONE_USER,
        settings=ONE_SLOT,
    ),
    case(
        "outcome of the first, priority of the second",
        {"completed 1, completed 1 (AlreadyEnded)", "completed 1, completed 1 (changed)"},
        changes_priority(R2, task_id="2"),
        before=(*BOTH, is_at_work(R1)),
        tasks=ONE_USER,
        settings=ONE_SLOT,
    ),
    case(
        "outcome of the first, take-over of one or the other",
        {"completed 1, completed 1", "completed 1, completed 2", "completed 2, completed 1"},
        in_turn(time_passes(), takes_over(R2)),
        before=(*BOTH, is_at_work(R1)),
        tasks=ONE_USER,
        settings=ONE_SLOT,
    ),
    case(
        "two outcomes, cancel of one",
        {"completed 1, completed 1 (cancel_requested)", "completed 1, completed 1 (completed)"},
        cancels(R2, "2"),
        before=(*BOTH, is_at_work(R1, 2), work_has_ended()),
        tasks=TWO_USERS,
        settings=Settings(),
    ),
    case(
        "take-over of both, cancel of one",
        {"completed 2, cancelled 1 (cancel_requested)", "completed 2, cancelled 1 (cancelled)"},
        takes_over(R2),
        cancels(R2, "2"),
        before=(*BOTH, is_at_work(R1, 2), dies(R1), time_passes()),
        tasks=TWO_USERS,
        settings=Settings(),
    ),
)
