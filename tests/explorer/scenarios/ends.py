"""How work ends: its outcome beside a cancel, a take-over, a shutdown, or a frontend that writes and deletes."""

from __future__ import annotations

from tests.explorer.actors import (
    R1,
    R2,
    cancels,
    deletes,
    dies,
    has_begun_work,
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
from tests.explorer.work import NOT_REPEATABLE

STEPS = Settings()
OUTLIVES = Settings(outlives=True)
BEGUN = (submits(R1), has_begun_work(R1))
AT_WORK = (submits(R1), is_at_work(R1))
EXPIRY = in_turn(time_passes(), takes_over(R2))
A_PART_S = 700.0
"""Less than a lease; two of these are more."""
RENEWAL_IN_TIME = in_turn(time_passes(A_PART_S), time_passes(A_PART_S), takes_over(R2))
RM = (Registered(service=NOT_REPEATABLE),)

ENDS = (
    case(
        "outcome, cancel",
        {"completed 1 (cancel_requested)", "completed 1 (completed)"},
        cancels(R2),
        before=BEGUN,
        settings=STEPS,
    ),
    case(
        "outcome, cancel, look of the owner",
        {"cancelled 1 (cancel_requested)", "completed 1 (cancel_requested)", "completed 1 (completed)"},
        cancels(R2),
        looks(R1),
        before=BEGUN,
        settings=STEPS,
    ),
    case("outcome, take-over", {"completed 1", "completed 2"}, EXPIRY, before=BEGUN, settings=STEPS),
    case(
        "outcome, take-over of what may not be repeated",
        {"completed 1", "failed 1"},
        EXPIRY,
        before=BEGUN,
        tasks=RM,
        settings=STEPS,
    ),
    case(
        "outcome, take-over and work",
        {"completed 1", "completed 2"},
        in_turn(EXPIRY, works(R2)),
        before=AT_WORK,
        settings=STEPS,
    ),
    case(
        "outcome, take-over, cancel",
        {
            "cancelled 1 (cancel_requested)",
            "cancelled 1 (cancelled)",
            "completed 1 (cancel_requested)",
            "completed 1 (completed)",
        },
        EXPIRY,
        cancels(R2),
        before=AT_WORK,
        settings=STEPS,
    ),
    case(
        "outcome, take-over by both",
        {"completed 1", "completed 2"},
        EXPIRY,
        in_turn(time_passes(), takes_over(R1)),
        before=AT_WORK,
        settings=STEPS,
    ),
    case(
        "claim, take-over", {"completed 1", "completed 2"}, works(R1), in_turn(EXPIRY, works(R2)), before=(submits(R1),)
    ),
    case(
        "renewal, take-over",
        {"completed 1", "completed 2"},
        renews(R1),
        RENEWAL_IN_TIME,
        before=AT_WORK,
        settings=STEPS,
    ),
    case(
        "renewal, cancel",
        {"completed 1 (cancel_requested)", "completed 1 (completed)"},
        renews(R1),
        cancels(R2),
        before=AT_WORK,
        settings=STEPS,
    ),
    case(
        "hand-back, cancel",
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
    ),
    case("hand-back, claim", {"completed 1", "completed 2"}, shuts_down(R1), works(R2), before=AT_WORK, settings=STEPS),
    case(
        "hand-back, claim, cancel",
        {
            "cancelled 1 (cancel_requested)",
            "cancelled 1 (cancelled)",
            "completed 1 (cancel_requested)",
            "completed 1 (completed)",
            "completed 2 (cancel_requested)",
            "completed 2 (completed)",
        },
        shuts_down(R1),
        works(R2),
        cancels(R2),
        before=AT_WORK,
    ),
    case(
        "shutdown beside a claim, claim", {"completed 1"}, works(R1), shuts_down(R1), works(R2), before=(submits(R1),)
    ),
    case(
        "hand-back, take-over", {"completed 1", "completed 2"}, shuts_down(R1), EXPIRY, before=AT_WORK, settings=STEPS
    ),
    case("letting go, take-over", {"completed 1"}, shuts_down(R1), takes_over(R2), before=BEGUN, settings=OUTLIVES),
    case(
        "letting go, take-over, cancel",
        {"cancelled 1 (cancel_requested)", "completed 1 (cancel_requested)", "completed 1 (completed)"},
        shuts_down(R1),
        takes_over(R2),
        cancels(R2),
        before=AT_WORK,
        settings=OUTLIVES,
    ),
    case(
        "end of work that goes on, take-over after a cancel",
        {"cancelled 1", "completed 1"},
        takes_over(R2),
        before=(*AT_WORK, cancels(R2), dies(R1), time_passes()),
        settings=OUTLIVES,
    ),
    case("outcome, late save, look", {"completed 1"}, overwrites(), looks(R2), before=BEGUN, settings=STEPS),
    case(
        "outcome, late save that says cancelled, look",
        {"completed 1"},
        in_turn(overwrites(status="cancelled"), looks(R2)),
        before=BEGUN,
        settings=STEPS,
    ),
    case(
        "outcome, late save, cancel",
        {"completed 1 (cancel_requested)", "completed 1 (completed)"},
        overwrites(),
        cancels(R2),
        before=AT_WORK,
        settings=STEPS,
    ),
    case("outcome, delete, look", {"completed 1 deleted"}, in_turn(deletes(), looks(R2)), before=BEGUN, settings=STEPS),
    case(
        "outcome, delete, look of the owner",
        {"cancelled 1 deleted", "completed 1 deleted"},
        in_turn(deletes(), looks(R1)),
        before=BEGUN,
        settings=STEPS,
    ),
    case(
        "outcome, delete, late save, look",
        {"completed 1", "completed 1 deleted"},
        deletes(),
        in_turn(overwrites(), looks(R2)),
        before=AT_WORK,
        settings=STEPS,
    ),
    case(
        "outcome, delete and cancel, look of the owner",
        {"cancelled 1 deleted (NotRegistered)", "completed 1 deleted (NotRegistered)"},
        in_turn(deletes(), cancels(R2)),
        looks(R1),
        before=AT_WORK,
        settings=STEPS,
    ),
    case(
        "claim, delete, look",
        {"cancelled 0 deleted", "completed 1 deleted"},
        works(R1),
        in_turn(deletes(), looks(R2)),
        before=(submits(R1),),
    ),
    case(
        "submit, delete, look",
        {"cancelled 0 deleted (accepted)", "completed 1 deleted (accepted)", "unknown 0 deleted (NotRegistered)"},
        works(R1),
        submits(R1),
        in_turn(deletes(), looks(R2)),
    ),
)
