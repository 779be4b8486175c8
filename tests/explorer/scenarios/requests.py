"""Submits, cancels, priorities and blocks, beside each other and beside a claim."""

from __future__ import annotations

from domain.values import Priority
from tests.explorer.actors import R1, R2, blocks, cancels, changes_priority, in_turn, submits, works
from tests.explorer.case import case

ACCEPTED = (submits(R1),)

REQUESTS = (
    case("submit, submit", {"completed 1 (accepted, accepted)"}, submits(R1), submits(R2)),
    case(
        "submit, submit, claim",
        {
            "completed 1 (AlreadyEnded, accepted)",
            "completed 1 (accepted, AlreadyEnded)",
            "completed 1 (accepted, accepted)",
        },
        submits(R1),
        submits(R2),
        works(R2),
    ),
    case(
        "submit, cancel",
        {"cancelled 0 (AlreadyEnded, cancelled)", "cancelled 0 (accepted, cancelled)"},
        submits(R1),
        cancels(R2),
    ),
    case("cancel, cancel", {"cancelled 0 (cancelled, cancelled)"}, cancels(R1), cancels(R2), before=ACCEPTED),
    case("submit, claim", {"completed 1 (accepted)"}, submits(R1), works(R2)),
    case("submit, claim of the same replica", {"completed 1 (accepted)"}, submits(R1), works(R1)),
    case(
        "submit, cancel, claim",
        {
            "cancelled 0 (AlreadyEnded, cancelled)",
            "cancelled 0 (accepted, cancel_requested)",
            "cancelled 0 (accepted, cancelled)",
            "completed 1 (accepted, cancel_requested)",
            "completed 1 (accepted, completed)",
        },
        submits(R1),
        cancels(R2),
        works(R1),
    ),
    case(
        "submit, cancel, priority",
        {
            "cancelled 0 (AlreadyEnded, cancelled, AlreadyEnded)",
            "cancelled 0 (AlreadyEnded, cancelled, changed)",
            "cancelled 0 (accepted, cancelled, AlreadyEnded)",
            "cancelled 0 (accepted, cancelled, changed)",
        },
        submits(R1),
        cancels(R2),
        changes_priority(R2),
    ),
    case(
        "submit, priority, claim",
        {"completed 1 (accepted, AlreadyEnded)", "completed 1 (accepted, changed)"},
        submits(R1),
        changes_priority(R2),
        works(R2),
    ),
    case(
        "priority, priority",
        {"completed 1 (changed, changed)"},
        changes_priority(R1),
        changes_priority(R2, Priority.LOW),
        before=ACCEPTED,
    ),
    case(
        "high, then low, against low, then high",
        {"completed 1 (changed, changed, changed, changed)"},
        in_turn(changes_priority(R1), changes_priority(R1, Priority.LOW)),
        in_turn(changes_priority(R2, Priority.LOW), changes_priority(R2)),
        before=ACCEPTED,
    ),
    case(
        "priority, cancel",
        {"cancelled 0 (AlreadyEnded, cancelled)", "cancelled 0 (changed, cancelled)"},
        changes_priority(R1),
        cancels(R2),
        before=ACCEPTED,
    ),
    case("submit, block", {"completed 1 (accepted, done)", "unknown 0 (Blocked, done)"}, submits(R1), blocks(R2)),
    case(
        "submit, submit, block",
        {"completed 1 (accepted, accepted, done)", "unknown 0 (Blocked, Blocked, done)"},
        submits(R1),
        submits(R2),
        blocks(R2),
    ),
    case(
        "submit, block, claim",
        {"completed 1 (accepted, done)", "unknown 0 (Blocked, done)"},
        submits(R1),
        blocks(R2),
        works(R2),
    ),
    case(
        "submit, block and enable",
        {"completed 1 (accepted, done, done)", "unknown 0 (Blocked, done, done)"},
        submits(R1),
        in_turn(blocks(R2), blocks(R2, blocked=False)),
    ),
    case(
        "submit, block of everybody, cancel",
        {
            "cancelled 0 (AlreadyEnded, done, cancelled)",
            "cancelled 0 (Blocked, done, cancelled)",
            "cancelled 0 (accepted, done, cancelled)",
        },
        submits(R1),
        blocks(R2, None),
        cancels(R2),
    ),
    case(
        "submit, block, priority",
        {"completed 1 (accepted, done, changed)", "unknown 0 (Blocked, done, changed)"},
        submits(R1),
        blocks(R2),
        changes_priority(R2),
    ),
)
