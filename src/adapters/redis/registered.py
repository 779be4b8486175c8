"""The ids that the frontend's own index holds (contract §1)."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from functools import partial

from adapters.redis import keys
from adapters.redis.endpoints import RedisEndpoints, as_text
from domain.errors import InvalidTaskId
from domain.values import valid_task_id

PAGE = 500


class RedisRegisteredTasks:
    """Implements :class:`application.ports.RegisteredTasks`."""

    def __init__(self, endpoints: RedisEndpoints) -> None:
        self._redis = endpoints.write
        self._attempt = endpoints.attempt

    async def ids(self) -> AsyncIterator[Sequence[str]]:
        cursor = 0
        while True:
            scan = partial(self._redis.sscan, keys.RECORD_INDEX, cursor, count=PAGE)
            cursor, members = await self._attempt(scan)
            ids = [task_id for member in members if (task_id := _task_id(member)) is not None]
            if ids:
                yield ids
            if not cursor:
                return


def _task_id(member: bytes | str) -> str | None:
    try:
        return valid_task_id(as_text(member))
    except (InvalidTaskId, UnicodeDecodeError):
        return None
