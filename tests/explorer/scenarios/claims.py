"""Claims and work on one task, beside claims and requests at the other replica."""

from __future__ import annotations

from tests.explorer.actors import R1, R2, blocks, cancels, changes_priority, in_turn, is_at_work, looks, submits, works
from tests.explorer.case import case
from tests.explorer.settings import Settings

ACCEPTED = (submits(R1),)
AT_WORK = (submits(R1), is_at_work(R1))
STEPS = Settings()

CLAIMS = (
    case("claim, claim", {"completed 1"}, works(R1), works(R2), before=ACCEPTED, settings=STEPS),
    case(
        "claim, claim, cancel",
        {
            "cancelled 0 (cancel_requested)",
            "cancelled 0 (cancelled)",
            "completed 1 (cancel_requested)",
            "completed 1 (completed)",
        },
        works(R1),
        works(R2),
        cancels(R2),
        before=ACCEPTED,
    ),
    case(
        "claim, claim, priority",
        {"completed 1 (AlreadyEnded)", "completed 1 (changed)"},
        works(R1),
        works(R2),
        changes_priority(R2),
        before=ACCEPTED,
    ),
    case(
        "outcome, priority, cancel",
        {
            "completed 1 (AlreadyEnded, cancel_requested)",
            "completed 1 (AlreadyEnded, completed)",
            "completed 1 (changed, cancel_requested)",
            "completed 1 (changed, completed)",
        },
        changes_priority(R2),
        cancels(R2),
        before=AT_WORK,
        settings=STEPS,
    ),
    case(
        "claim, cancel",
        {
            "cancelled 0 (cancel_requested)",
            "cancelled 0 (cancelled)",
            "completed 1 (cancel_requested)",
            "completed 1 (completed)",
        },
        works(R1),
        cancels(R2),
        before=ACCEPTED,
        settings=STEPS,
    ),
    case(
        "claim, cancel that the owner hears of",
        {
            "cancelled 0 (cancel_requested)",
            "cancelled 0 (cancelled)",
            "cancelled 1 (cancel_requested)",
            "completed 1 (cancel_requested)",
            "completed 1 (completed)",
        },
        works(R1),
        in_turn(cancels(R2), looks(R1)),
        before=ACCEPTED,
        settings=STEPS,
    ),
    case(
        "claim, priority",
        {"completed 1 (AlreadyEnded)", "completed 1 (changed)"},
        works(R1),
        changes_priority(R2),
        before=ACCEPTED,
        settings=STEPS,
    ),
    case(
        "claim, priority, look",
        {"completed 1 (AlreadyEnded)", "completed 1 (changed)"},
        works(R1),
        changes_priority(R2),
        looks(R1),
        before=ACCEPTED,
    ),
    case("claim, block", {"completed 1 (done)"}, works(R1), blocks(R2), before=ACCEPTED, settings=STEPS),
    case(
        "claim, submit again, cancel",
        {
            "cancelled 0 (AlreadyEnded, cancel_requested)",
            "cancelled 0 (AlreadyEnded, cancelled)",
            "cancelled 0 (accepted, cancel_requested)",
            "cancelled 0 (accepted, cancelled)",
            "completed 1 (AlreadyEnded, cancel_requested)",
            "completed 1 (AlreadyEnded, completed)",
            "completed 1 (accepted, cancel_requested)",
            "completed 1 (accepted, completed)",
        },
        works(R1),
        submits(R2),
        cancels(R2),
        before=ACCEPTED,
    ),
)
