"""Notifications as the scripts of the outbox take and return them."""

from __future__ import annotations

from datetime import UTC, datetime

from adapters.redis import keys
from application.outbox import Claimed
from domain.notifications import Notification

Word = tuple[bytes, int, int, bytes]
"""Id, which try this is, age in ms, body."""


def encode_notification(notification: Notification) -> str:
    """Return it as ``scripts/commit.lua`` takes it."""
    return f"{keys.encoded(notification.route)} {notification.id}\n{notification.body}"


def decode_claimed(route: str, word: Word) -> Claimed:
    """Return what ``scripts/claim_words.lua`` took."""
    word_id, tries, age_ms, body = word
    return Claimed(Notification(word_id.decode(), route, body.decode()), tries, age_ms / 1000)


def decode_failure(told: bytes | None) -> tuple[str, datetime | None]:
    """Return why the latest try that failed did so, and when."""
    if told is None:
        return "", None
    moment, _, failure = told.decode().partition(" ")
    return failure, datetime.fromtimestamp(int(moment) / 1000, UTC)
