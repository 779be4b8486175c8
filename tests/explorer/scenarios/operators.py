"""Operators stop tasks and run them again, beside each other, a claim, old work, and a frontend's late word."""

from __future__ import annotations

from tests.explorer.actors import R1, R2, in_turn, is_at_work, overwrites, retries, stops, submits, works
from tests.explorer.case import case
from tests.explorer.settings import Settings

STOPPED = (submits(R1), stops(R1))
AT_WORK = (submits(R1), is_at_work(R1))

OPERATORS = (
    case(
        "stop, submit",
        {"cancelled 0 (cancelled, AlreadyEnded)", "cancelled 0 (cancelled, accepted)"},
        stops(R1),
        submits(R2),
    ),
    case("stop, stop", {"cancelled 0 (cancelled, cancelled)"}, stops(R1), stops(R2), before=(submits(R1),)),
    case(
        "retry, retry",
        {"completed 1 (NotRetryable, retried)", "completed 1 (retried, NotRetryable)"},
        retries(R1),
        retries(R2),
        before=STOPPED,
    ),
    case("retry, claim", {"completed 1 (retried)"}, retries(R1), works(R2), before=STOPPED),
    case(
        "retry, retry, claim",
        {"completed 1 (NotRetryable, retried)", "completed 1 (retried, NotRetryable)"},
        retries(R1),
        retries(R2),
        works(R2),
        before=STOPPED,
    ),
    case(
        "retry, stop",
        {"cancelled 0 (retried, cancelled)", "completed 1 (retried, cancelled)"},
        retries(R1),
        stops(R2),
        before=STOPPED,
    ),
    case(
        "retry, stop, claim",
        {
            "cancelled 0 (retried, cancel_requested)",
            "cancelled 0 (retried, cancelled)",
            "completed 1 (retried, cancel_requested)",
            "completed 1 (retried, cancelled)",
            "completed 1 (retried, completed)",
        },
        retries(R1),
        stops(R2),
        works(R2),
        before=STOPPED,
    ),
    case(
        "retry, late word of the cancel",
        {"completed 1 (retried)"},
        retries(R1),
        overwrites(status="cancelled"),
        before=STOPPED,
    ),
    case(
        "retry, late word of the cancel, claim",
        {"completed 1 (retried)"},
        retries(R1),
        overwrites(status="cancelled"),
        works(R2),
        before=STOPPED,
    ),
    case(
        "outcome, stop and retry",
        {"completed 1 (cancel_requested, NotRetryable)", "completed 1 (completed, NotRetryable)"},
        in_turn(stops(R2), retries(R2)),
        before=AT_WORK,
        settings=Settings(),
    ),
)
