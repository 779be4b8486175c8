"""R1 dies between any two of its steps; R2 takes over when the lease has expired.

A crash is one more turn, which comes before, between and after all of the dying replica's turns. So each of its
operations was done, or was not, when it died; that one was done and its answer not heard is the same to the store.
"""

from __future__ import annotations

from domain.dispatch import Limits
from domain.values import Priority
from tests.explorer.actors import (
    R1,
    R2,
    blocks,
    cancels,
    changes_priority,
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
from tests.explorer.work import NOT_REPEATABLE

STEPS = Settings()
ACCEPTED = (submits(R1),)
BOTH_ACCEPTED = (submits(R1, "1"), submits(R1, "2"))
TWO_USERS = (Registered("alice"), Registered("bob"))
ONE_USER = (Registered("alice"), Registered("alice"))
DEATH = in_turn(dies(R1), time_passes(), takes_over(R2))
DEATH_AND_WORK = in_turn(DEATH, works(R2))

CRASHES = (
    case(
        "a crash from submit to outcome",
        {"completed 1 (accepted)", "completed 2 (accepted)", "unknown 0 (-)"},
        works(R1),
        submits(R1),
        DEATH_AND_WORK,
        settings=STEPS,
    ),
    case(
        "a crash with what may not be repeated",
        {"completed 1 (accepted)", "failed 0 (accepted)", "failed 1 (accepted)", "unknown 0 (-)"},
        works(R1),
        submits(R1),
        DEATH_AND_WORK,
        tasks=(Registered(service=NOT_REPEATABLE),),
        settings=STEPS,
    ),
    case(
        "a crash with work that goes on",
        {"completed 1"},
        works(R1),
        DEATH,
        before=ACCEPTED,
        settings=Settings(outlives=True),
    ),
    case(
        "a crash, then a cancel",
        {
            "cancelled 0 (-, cancelled)",
            "cancelled 0 (accepted, cancel_requested)",
            "cancelled 0 (accepted, cancelled)",
            "cancelled 1 (accepted, cancel_requested)",
            "completed 1 (accepted, completed)",
        },
        works(R1),
        submits(R1),
        in_turn(dies(R1), cancels(R2), time_passes(), takes_over(R2)),
        settings=STEPS,
    ),
    case(
        "a crash, then a block and a submit",
        {
            "completed 1 (accepted, done, AlreadyEnded)",
            "completed 1 (accepted, done, accepted)",
            "completed 2 (accepted, done, accepted)",
            "unknown 0 (-, done, Blocked)",
        },
        works(R1),
        submits(R1),
        in_turn(dies(R1), blocks(R2), submits(R2), time_passes(), takes_over(R2)),
        settings=STEPS,
    ),
    case(
        "a crash, a submit at the other",
        {
            "completed 1 (-, accepted)",
            "completed 1 (AlreadyEnded, accepted)",
            "completed 1 (accepted, AlreadyEnded)",
            "completed 1 (accepted, accepted)",
            "completed 2 (-, accepted)",
            "completed 2 (accepted, accepted)",
        },
        works(R1),
        submits(R1),
        submits(R2),
        DEATH,
    ),
    case(
        "a crash, a cancel at the other",
        {
            "cancelled 0 (cancel_requested)",
            "cancelled 0 (cancelled)",
            "cancelled 1 (cancel_requested)",
            "cancelled 1 (cancelled)",
            "completed 1 (cancel_requested)",
            "completed 1 (completed)",
        },
        works(R1),
        cancels(R2),
        DEATH,
        before=ACCEPTED,
    ),
    case(
        "a crash, a priority at the other",
        {"completed 1 (AlreadyEnded)", "completed 1 (changed)", "completed 2 (changed)"},
        works(R1),
        changes_priority(R2),
        DEATH,
        before=ACCEPTED,
    ),
    case(
        "a crash, the other at work on another task",
        {
            "completed 1, completed 1",
            "completed 1, completed 2",
            "completed 2, completed 1",
            "completed 2, completed 2",
        },
        works(R1),
        DEATH,
        before=(*BOTH_ACCEPTED, is_at_work(R2)),
        tasks=TWO_USERS,
        settings=Settings(slots=1, quick=True),
    ),
    case(
        "a crash at a cancel",
        {"cancelled 0 (-, cancelled)", "cancelled 0 (cancelled, cancelled)"},
        cancels(R1),
        in_turn(dies(R1), cancels(R2)),
        before=ACCEPTED,
    ),
    case(
        "a crash at a cancel of work",
        {"completed 1 (-)", "completed 1 (cancel_requested)", "completed 1 (completed)"},
        cancels(R1),
        dies(R1),
        before=(submits(R1), is_at_work(R2)),
        settings=STEPS,
    ),
    case(
        "a crash at a take-over",
        {"completed 2"},
        takes_over(R1),
        in_turn(dies(R1), time_passes(), takes_over(R2)),
        before=(submits(R1), is_at_work(R2), time_passes()),
        settings=STEPS,
    ),
    case(
        "a crash at a hand-back",
        {"completed 1", "completed 2"},
        shuts_down(R1),
        DEATH,
        before=(submits(R1), is_at_work(R1)),
        settings=STEPS,
    ),
    case(
        "a crash at a renewal",
        {"completed 1", "completed 2"},
        renews(R1),
        DEATH,
        before=(submits(R1), is_at_work(R1)),
        settings=STEPS,
    ),
    case(
        "a crash at a look",
        {"completed 1", "completed 2"},
        in_turn(overwrites(), looks(R1)),
        DEATH,
        before=(submits(R1), is_at_work(R1)),
        settings=STEPS,
    ),
    case(
        "a crash at a block",
        {"completed 1 (-, accepted)", "unknown 0 (done, Blocked)"},
        blocks(R1),
        in_turn(dies(R1), submits(R2)),
    ),
    case(
        "a crash at a priority",
        {"completed 1 (-, changed)", "completed 1 (changed, changed)"},
        changes_priority(R1),
        in_turn(dies(R1), changes_priority(R2, Priority.LOW)),
        before=ACCEPTED,
    ),
    case(
        "a crash with two tasks of two users",
        {
            "completed 1, completed 1",
            "completed 1, completed 2",
            "completed 2, completed 1",
            "completed 2, completed 2",
        },
        works(R1),
        DEATH_AND_WORK,
        before=BOTH_ACCEPTED,
        tasks=TWO_USERS,
    ),
    case(
        "a crash with two tasks of one user, one after the other",
        {"completed 1, completed 1", "completed 1, completed 2", "completed 2, completed 1"},
        works(R1),
        DEATH_AND_WORK,
        before=BOTH_ACCEPTED,
        tasks=ONE_USER,
        settings=Settings(slots=1),
    ),
    case(
        "a crash with two tasks of a user who may run one",
        {"completed 1, completed 1", "completed 2, completed 1"},
        works(R1),
        DEATH_AND_WORK,
        before=BOTH_ACCEPTED,
        tasks=ONE_USER,
        settings=Settings(quick=True, limits=Limits(per_user=1)),
    ),
)
