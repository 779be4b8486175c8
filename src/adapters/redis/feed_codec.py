"""Changes of the feed as bytes, and places in it as Redis and those who watch name them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from hashlib import sha256
from logging import getLogger

import msgspec

from adapters.redis.endpoints import as_text
from application.feed import FeedEntry, FeedPlace
from domain.feed import TaskChange, told_between
from domain.task import Task

log = getLogger(__name__)

FIELD = b"change"

RawEntry = tuple[bytes, Mapping[bytes, bytes]]

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(TaskChange).decode


def feed_entry(before: Task | None, after: Task | None) -> bytes:
    """Return what a commit adds to the feed; empty for nothing."""
    told = None if after is None else told_between(before, after)
    return b"" if told is None else _encode(told)


def history_of(server: Mapping[str, object], watch: bytes) -> str:
    """Return what names a history without a gap: of the server that said this of itself (INFO), during one watch.

    Its run id, for a server that starts again may lack the latest changes; its replication id, which is another one on
    a server that was a replica for a while; and the watch, for nothing is written where nobody watches.
    """
    return sha256(f"{server['run_id']}/{server['master_replid']}/{as_text(watch)}".encode()).hexdigest()[:8]


def place_at(history: str, entry_id: bytes) -> FeedPlace:
    """Return the place behind an entry of the stream."""
    number, _, part = as_text(entry_id).partition("-")
    return FeedPlace(history, int(number), int(part))


def id_at(place: FeedPlace) -> str:
    """Return the id of the entry in front of a place."""
    return f"{place.number}-{place.part}"


def entries_of(history: str, found: Iterable[RawEntry]) -> Iterator[FeedEntry]:
    """Yield what the stream's entries say; one that cannot be read is left out."""
    for entry_id, fields in found:
        try:
            yield FeedEntry(place_at(history, entry_id), _decode(fields[FIELD]))
        except (KeyError, msgspec.DecodeError) as error:
            # A newer scheduler may know more of tasks than this one does.
            log.warning("a change cannot be read", extra={"entry": as_text(entry_id), "reason": str(error)})
