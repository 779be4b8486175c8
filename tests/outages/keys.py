"""What stands in Redis, to be compared byte by byte."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from redis import Redis

from adapters.redis import keys
from tests.support.redis_server import RedisServer

_READ: dict[str, Callable[[Redis, str], Any]] = {
    "string": lambda client, key: client.get(key),
    "hash": lambda client, key: client.hgetall(key),
    "set": lambda client, key: client.smembers(key),
    "zset": lambda client, key: client.zrange(key, 0, -1, withscores=True),
}


def contents(redis: RedisServer) -> dict[str, Any]:
    """Return every key's value but for what connections and processes say of themselves.

    These are their beats, the window they want, and that they are there.
    """
    of_themselves = (keys.beat_key(""), keys.presence_key(""), keys.REPLICAS)
    with redis.client() as client:
        names = [name for name in client.scan_iter() if not name.startswith(of_themselves)]
        found = {name: _READ[str(client.type(name))](client, name) for name in names}
    del found[keys.COUNTS]["window"]
    return found


def of_tasks(found: dict[str, Any], task_ids: Iterable[str]) -> dict[str, Any]:
    """Return what is there of some tasks alone: record, ledger, and their leases."""
    leases = dict(found[keys.LIVE])
    return {
        task_id: (found[keys.record_key(task_id)], found[keys.ledger_key(task_id)], leases[task_id])
        for task_id in task_ids
    }
