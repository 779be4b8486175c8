"""A task stands in Redis where the dispatch policy puts it."""

from __future__ import annotations

from hypothesis import given

from adapters.redis import keys
from adapters.redis.queue_places import NOWHERE, Place, place_in_queue
from domain.dispatch import AtWork, Queued, place_of
from domain.task import Task
from domain.testing import tasks


def by_the_policy(task: Task) -> Place:
    place = place_of(task)
    match place:
        case Queued():
            kind = "waiting" if place.not_before is None else "delayed"
            return kind, keys.lane(place.priority, place.service), keys.encoded(place.user_id)
        case AtWork():
            return "leased", keys.lane("-", place.service), keys.encoded(place.user_id)
        case None:
            return NOWHERE


@given(task=tasks())
def test_any_task_stands_where_the_policy_puts_it(task: Task) -> None:
    assert place_in_queue(task) == by_the_policy(task)


def test_no_task_stands_nowhere() -> None:
    assert place_in_queue(None) == NOWHERE
