"""Names of the keys in Redis: the frontend's (contract §1) and ours. ``scripts/queue.lua`` documents the queue's."""

from __future__ import annotations

import re
from functools import lru_cache
from urllib.parse import quote

PREFIX = "dms:scheduler:"
"""Begins every key of ours; the scripts take it as their first argument."""

EVENTS = PREFIX + "events"
COUNTS = PREFIX + "counts"
LIVE = PREFIX + "live"
ENDED = PREFIX + "ended"
SECURED = PREFIX + "secured"
REPLICAS = PREFIX + "replicas"
DRAIN_EVERYTHING = PREFIX + "drain:all"
DRAINED_REPLICAS = PREFIX + "drained-replicas"
AUDIT = PREFIX + "audit"
FEED = PREFIX + "feed"
FEED_WATCHED = FEED + ":watched"
OUTBOX = PREFIX + "outbox:"
OUTBOX_DUE = PREFIX + "outbox-due:"

BLOCK_EVERYBODY = PREFIX + "block:all"
BLOCKED_USERS = PREFIX + "blocked-users"
BLOCK_ENDS = PREFIX + "block-ends"
BLOCKS_IMPORTED = PREFIX + "blocks-imported"
PREVIOUS_BLOCKS = "blocks:all"
PREVIOUS_USER_BLOCK = "blocks:user:"

RECORD_PREFIX = "task:"
RECORD_INDEX = "index:tasks"
ID_SEQUENCE = "task:id:sequence"

_RECORD_KEY = re.compile(rb"task:(0|[1-9][0-9]{0,19})\Z")


def record_key(task_id: str) -> str:
    """Return the shared record's key. The id has passed :func:`domain.values.valid_task_id`."""
    return RECORD_PREFIX + task_id


def ledger_key(task_id: str) -> str:
    """Return the ledger's key."""
    return f"{PREFIX}task:{task_id}"


def task_of_record_key(key: bytes) -> str | None:
    """Return the task id of a record's key; None for the frontend's other keys with the same prefix."""
    match = _RECORD_KEY.match(key)
    return match[1].decode() if match else None


@lru_cache(maxsize=4096)
def encoded(name: str) -> str:
    """Return a user's or service's name as part of a key: nothing in it can be taken for a separator."""
    return quote(name, safe="")


def block_key(user_id: str) -> str:
    """Return the flag that keeps one user from submitting."""
    return f"{PREFIX}block:user:{encoded(user_id)}"


@lru_cache(maxsize=4096)
def lane(priority: str, service: str) -> str:
    """Return the queue's lane of a priority and service."""
    return f"{priority}:{encoded(service)}"


def presence_key(owner: str) -> str:
    """Return the key that stands while a process says that it is there."""
    return f"{PREFIX}replica:{encoded(owner)}"


def queue_key(lane: str, user: str) -> str:
    """Return the FIFO of a lane and an encoded user."""
    return f"{PREFIX}queue:{lane}:{user}"


def ready_key(lane: str) -> str:
    """Return the set of those who have something waiting in a lane."""
    return f"{PREFIX}ready:{lane}"


def user_key(user: str) -> str:
    """Return what is known of an encoded user."""
    return f"{PREFIX}user:{user}"


def audit_key(task_id: str) -> str:
    """Return what operators did with one task."""
    return f"{AUDIT}:{task_id}"


def tally_key(hour: int) -> str:
    """Return what was counted in the minutes of an hour, hours being numbered since 1970-01-01T00:00Z."""
    return f"{PREFIX}tally:{hour}"


def moved_key(quarter: int) -> str:
    """Return the bytes that were moved for each user in a quarter of a day, numbered alike."""
    return f"{PREFIX}moved:{quarter}"


def outbox_keys(route: str) -> list[str]:
    """Return the notifications that wait on one route, and when each is due, as the outbox's scripts take them."""
    return [OUTBOX + encoded(route), OUTBOX_DUE + encoded(route)]


def beat_key(watcher: str) -> str:
    """Return the key by which one watch proves its path."""
    return f"{PREFIX}beat:{watcher}"
