"""What somebody does in a scenario. Each actor goes its own way as soon as the race begins."""

from tests.explorer.actors.around import deletes, dies, in_turn, overwrites, time_passes
from tests.explorer.actors.replicas import (
    has_begun_work,
    is_at_work,
    looks,
    renews,
    shuts_down,
    takes_over,
    work_has_ended,
    works,
)
from tests.explorer.actors.requests import blocks, cancels, changes_priority, retries, stops, submits

R1, R2 = "r1", "r2"

__all__ = [
    "R1",
    "R2",
    "blocks",
    "cancels",
    "changes_priority",
    "deletes",
    "dies",
    "has_begun_work",
    "in_turn",
    "is_at_work",
    "looks",
    "overwrites",
    "renews",
    "retries",
    "shuts_down",
    "stops",
    "submits",
    "takes_over",
    "time_passes",
    "work_has_ended",
    "works",
]
