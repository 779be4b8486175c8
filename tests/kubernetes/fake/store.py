"""Objects with versions, and the history that watches read."""

from __future__ import annotations

import asyncio
import copy
import uuid
from collections.abc import AsyncIterator, Callable, Mapping
from datetime import UTC, datetime
from typing import Any

Object = dict[str, Any]
Key = tuple[str, str, str]
"""Plural with group (``jobs.batch``), namespace and name."""


class Gone(Exception):
    """The version is older than what is remembered."""


def now() -> str:
    """The time as the API server writes it: whole seconds of UTC."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


class Store:
    """What a cluster's etcd holds."""

    def __init__(self) -> None:
        self._objects: dict[Key, Object] = {}
        self._history: list[tuple[int, str, str, Object]] = []
        self._version = 1000
        self._forgotten = 0
        """Versions up to this one are no longer remembered."""
        self._changed = asyncio.Condition()
        self._waiters: set[asyncio.Event] = set()

    @property
    def version(self) -> str:
        """The version of the newest change."""
        return str(self._version)

    def get(self, key: Key) -> Object | None:
        """Return an object."""
        return self._objects.get(key)

    def all(self, resource: str, namespace: str | None = None) -> list[Object]:
        """Return the objects of a resource."""
        return [
            each for (plural, ns, _), each in self._objects.items() if plural == resource and namespace in (None, ns)
        ]

    def add(self, key: Key, given: Mapping[str, Any]) -> Object:
        """Create."""
        created = copy.deepcopy(dict(given))
        metadata = created.setdefault("metadata", {})
        metadata |= {"namespace": key[1], "name": key[2], "uid": str(uuid.uuid4()), "creationTimestamp": now()}
        self._objects[key] = created
        self._tell("ADDED", key, created)
        return created

    def change(self, key: Key, change: Callable[[Object], None]) -> Object:
        """Change in place."""
        changed = self._objects[key]
        change(changed)
        self._tell("MODIFIED", key, changed)
        return changed

    def remove(self, key: Key) -> None:
        """Delete at once."""
        self._tell("DELETED", key, self._objects.pop(key))

    def forget(self) -> None:
        """Compact: watches from older versions are answered 410."""
        self._forgotten = self._version
        self._history.clear()

    def touch(self) -> None:
        """Time passes for others: a version is used up."""
        self._version += 1

    async def watch(self, resource: str, since: str) -> AsyncIterator[tuple[str, Object]]:
        """Yield changes after a version, for ever."""
        position, wake = int(since), asyncio.Event()
        if position < self._forgotten:
            raise Gone
        self._waiters.add(wake)
        try:
            while True:
                wake.clear()
                for version, kind, plural, seen in list(self._history):
                    if version > position:
                        position = version
                        if plural == resource:
                            yield kind, seen
                await wake.wait()
        finally:
            self._waiters.discard(wake)

    def _tell(self, kind: str, key: Key, changed: Object) -> None:
        self._version += 1
        changed["metadata"]["resourceVersion"] = self.version
        self._history.append((self._version, kind, key[0], copy.deepcopy(changed)))
        for waiter in self._waiters:
            waiter.set()


def selects(selector: str, labels: Mapping[str, str]) -> bool:
    """Whether a label selector selects: ``key``, ``!key``, ``key=value``, ``key!=value``, separated by commas."""
    for term in filter(None, selector.split(",")):
        key, unequal, value = term.partition("!=")
        if unequal:
            fits = labels.get(key) != value
        elif "=" in term:
            key, _, value = term.replace("==", "=").partition("=")
            fits = labels.get(key) == value
        else:
            fits = term[1:] not in labels if term.startswith("!") else term in labels
        if not fits:
            return False
    return True
