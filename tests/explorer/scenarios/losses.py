"""One operation of a replica is not answered: it was done or it was not; whoever asked asks again."""

from __future__ import annotations

from domain.values import Priority
from tests.explorer.actors import (
    R1,
    R2,
    blocks,
    cancels,
    changes_priority,
    deletes,
    dies,
    in_turn,
    is_at_work,
    looks,
    overwrites,
    renews,
    shuts_down,
    submits,
    takes_over,
    time_passes,
    works,
)
from tests.explorer.case import case
from tests.explorer.settings import Registered, Settings

STEPS = Settings()
ACCEPTED = (submits(R1),)
AT_WORK = (submits(R1), is_at_work(R1))
EXPIRY = in_turn(time_passes(), takes_over(R2))
BOTH_ACCEPTED = (submits(R1, "1"), submits(R1, "2"))
TWO_USERS = (Registered("alice"), Registered("bob"))

LOSSES = (
    case(
        "an unanswered submit, claim",
        {"completed 1 (AlreadyEnded)", "completed 1 (accepted)"},
        submits(R1),
        works(R2),
        loses=R1,
    ),
    case("an unanswered submit, submit", {"completed 1 (accepted, accepted)"}, submits(R1), submits(R2), loses=R1),
    case(
        "an unanswered submit, cancel",
        {"cancelled 0 (AlreadyEnded, cancelled)", "cancelled 0 (accepted, cancelled)"},
        submits(R1),
        cancels(R2),
        loses=R1,
    ),
    case(
        "an unanswered submit, block",
        {"completed 1 (accepted, done)", "unknown 0 (Blocked, done)"},
        submits(R1),
        blocks(R2),
        loses=R1,
    ),
    case(
        "an unanswered submit, delete",
        {"cancelled 0 deleted (NotRegistered)", "cancelled 0 deleted (accepted)", "unknown 0 deleted (NotRegistered)"},
        submits(R1),
        in_turn(deletes(), looks(R2)),
        loses=R1,
    ),
    case(
        "an unanswered cancel, submit",
        {"cancelled 0 (AlreadyEnded, cancelled)", "cancelled 0 (accepted, cancelled)"},
        submits(R1),
        cancels(R2),
        loses=R2,
    ),
    case(
        "an unanswered cancel, claim",
        {
            "cancelled 0 (cancel_requested)",
            "cancelled 0 (cancelled)",
            "completed 1 (cancel_requested)",
            "completed 1 (completed)",
        },
        works(R1),
        cancels(R2),
        before=ACCEPTED,
        loses=R2,
    ),
    case(
        "an unanswered block, submit",
        {"completed 1 (accepted, done)", "unknown 0 (Blocked, done)"},
        submits(R1),
        blocks(R2),
        loses=R2,
    ),
    case(
        "an unanswered priority, priority",
        {"completed 1 (changed, changed)"},
        changes_priority(R1),
        changes_priority(R2, Priority.LOW),
        before=ACCEPTED,
        loses=R1,
    ),
    case("unanswered work", {"completed 1"}, works(R1), before=ACCEPTED, settings=STEPS, loses=R1),
    case("unanswered work, claim", {"completed 1"}, works(R1), works(R2), before=ACCEPTED, settings=STEPS, loses=R1),
    case(
        "unanswered work, cancel",
        {
            "cancelled 0 (cancel_requested)",
            "cancelled 0 (cancelled)",
            "completed 1 (cancel_requested)",
            "completed 1 (completed)",
        },
        works(R1),
        cancels(R2),
        before=ACCEPTED,
        loses=R1,
    ),
    case("unanswered work, take-over", {"completed 1", "completed 2"}, works(R1), EXPIRY, before=ACCEPTED, loses=R1),
    case(
        "unanswered work on two tasks",
        {"completed 1, completed 1"},
        works(R1),
        before=BOTH_ACCEPTED,
        tasks=TWO_USERS,
        loses=R1,
    ),
    case(
        "unanswered work on two tasks, claim",
        {"completed 1, completed 1"},
        works(R1),
        works(R2),
        before=BOTH_ACCEPTED,
        tasks=TWO_USERS,
        settings=Settings(slots=1, quick=True),
        loses=R1,
    ),
    case(
        "an unanswered take-over",
        {"completed 2"},
        in_turn(EXPIRY, works(R2)),
        before=(*AT_WORK, dies(R1)),
        settings=STEPS,
        loses=R2,
    ),
    case(
        "an unanswered take-over, cancel",
        {"cancelled 1 (cancel_requested)", "cancelled 1 (cancelled)"},
        takes_over(R2),
        cancels(R2),
        before=(*AT_WORK, dies(R1), time_passes()),
        settings=STEPS,
        loses=R2,
    ),
    case(
        "an unanswered take-over, outcome",
        {"completed 1", "completed 2"},
        EXPIRY,
        before=AT_WORK,
        settings=STEPS,
        loses=R2,
    ),
    case("an unanswered renewal or outcome", {"completed 1"}, renews(R1), before=AT_WORK, settings=STEPS, loses=R1),
    case(
        "an unanswered hand-back",
        {"completed 1", "completed 2"},
        shuts_down(R1),
        before=AT_WORK,
        settings=STEPS,
        loses=R1,
    ),
    case(
        "an unanswered hand-back, cancel",
        {
            "cancelled 1 (cancel_requested)",
            "cancelled 1 (cancelled)",
            "completed 1 (cancel_requested)",
            "completed 1 (completed)",
        },
        shuts_down(R1),
        cancels(R2),
        before=AT_WORK,
        settings=STEPS,
        loses=R1,
    ),
    case(
        "an unanswered look, late save",
        {"completed 1"},
        in_turn(overwrites(), looks(R2)),
        before=AT_WORK,
        settings=STEPS,
        loses=R2,
    ),
)
