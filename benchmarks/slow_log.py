"""How long Redis was busy with each command, by its own clock: its slow log, set to keep everything."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from redis import Redis

MOST_KEPT = 100_000
_OURS = (b"SLOWLOG", b"CONFIG")
_INSIDE_A_SCRIPT = b"?:0"
"""The address of who sent a command that a script has called. The script's own time holds the command's."""


@dataclass
class Busy:
    """Filled when the block ends. All in microseconds."""

    durations: list[int] = field(default_factory=list)
    """Of each command that a client sent; a script is one command."""

    @property
    def total(self) -> int:
        """Of all of them."""
        return sum(self.durations)

    @property
    def longest(self) -> int:
        """So long nobody else was served."""
        return max(self.durations, default=0)


@contextmanager
def busy_with(redis: Redis) -> Iterator[Busy]:
    """Tell what Redis did while the block ran."""
    busy = Busy()
    redis.config_set("slowlog-max-len", MOST_KEPT)
    redis.config_set("slowlog-log-slower-than", 0)
    redis.slowlog_reset()
    yield busy
    entries = redis.slowlog_get(MOST_KEPT)
    redis.config_set("slowlog-log-slower-than", -1)
    busy.durations = [
        entry["duration"]
        for entry in entries
        if entry["client_address"] != _INSIDE_A_SCRIPT and not entry["command"].upper().startswith(_OURS)
    ]
