"""Following all objects of one resource with one watch, whatever the number of tasks."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Iterable
from typing import Any, Protocol

from adapters.executors.kubernetes.answers import fault_in_stream
from adapters.executors.kubernetes.api import ClusterApi
from adapters.executors.kubernetes.backoff import Backoff
from adapters.executors.kubernetes.kinds.base import Document
from adapters.executors.kubernetes.names import SELECTOR
from adapters.executors.kubernetes.problems import ApiFault
from adapters.executors.kubernetes.resources import Resource
from domain.ports import Clock

log = logging.getLogger(__name__)


class Mirror(Protocol):
    """Where an informer writes what it sees."""

    def uids(self) -> frozenset[str]:
        """Return which objects are thought to be there."""
        ...

    def put(self, document: Document) -> None:
        """An object is there, and so."""
        ...

    def remove(self, uid: str) -> None:
        """An object is no more."""
        ...


class Informer:
    """Lists once, then watches from that version on.

    A watch that ends, in order or because its connection drops, goes on from the last version that it told. Only where
    the server has forgotten that version (410) is everything listed again; what is missing then was deleted meanwhile.
    """

    def __init__(self, api: ClusterApi, resource: Resource, mirror: Mirror, clock: Clock, backoff: Backoff) -> None:
        self._api = api
        self._resource = resource
        self._mirror = mirror
        self._clock = clock
        self._backoff = backoff
        self._version = ""
        self._synced = asyncio.Event()
        self.problem = ""
        """Why it does not see the cluster, empty while it does."""

    async def synced(self) -> None:
        """Return once all that was there has been listed."""
        await self._synced.wait()

    async def run(self) -> None:
        """Follow until cancelled."""
        while True:
            try:
                if not self._version:
                    await self._list()
                await self._watch()
            except ApiFault as fault:
                await self._recover(fault)
            except (ValueError, LookupError, TypeError, AttributeError) as error:  # whatever a proxy makes of an answer
                self._version = ""
                await self._recover(ApiFault(0, "NotReadable", f"the answer cannot be read: {error!r}"))

    async def _list(self) -> None:
        # What an answer to a create tells of while the list is on its way is not in it, and is no less there.
        before = self._mirror.uids()
        documents, version = await self._api.list_all(self._resource, SELECTOR)
        for document in documents:
            self._put(document)
        for uid in before.difference(_uids(documents)):
            self._mirror.remove(uid)
        self._version = version
        self._works()

    async def _watch(self) -> None:
        told = False
        async with self._api.watch(self._resource, SELECTOR, self._version) as lines:
            self._works()
            async for line in lines:
                self._take(json.loads(line))
                told = True
        if not told:
            # Something on the way may end every watch at once; the server itself ends it after minutes.
            await self._clock.sleep(self._backoff.base_s)

    def _take(self, event: dict[str, Any]) -> None:
        kind, document = event["type"], event["object"]
        if kind == "ERROR":
            raise fault_in_stream(document)
        metadata = document["metadata"]
        if kind in ("ADDED", "MODIFIED"):
            self._put(document)
        elif kind == "DELETED":
            self._put(document)  # its last state may be the only word on how it ended
            self._mirror.remove(str(metadata["uid"]))
        self._version = str(metadata["resourceVersion"])
        self._backoff.reset()

    def _put(self, document: Document) -> None:
        try:
            self._mirror.put(document)
        except Exception:
            # One object that nobody can read must not hide all others.
            log.exception("an object of the cluster cannot be read", extra={"job": document["metadata"].get("name")})

    def _works(self) -> None:
        if self.problem:
            log.info("the cluster is seen again", extra={"resource": self._resource.__name__})
        self.problem = ""
        self._synced.set()

    async def _recover(self, fault: ApiFault) -> None:
        if fault.is_gone:
            self._version = ""
        if not fault.is_gone or self._backoff.failures:
            self.problem = f"{self._resource.__name__}s cannot be watched: {fault.message or fault.reason}"
            log.warning("watching the cluster again soon", extra={"reason": self.problem})
        pause_s = self._backoff.next_s(fault.retry_after_s)
        if not fault.is_gone or self._backoff.failures > 1:
            await self._clock.sleep(pause_s)


def _uids(documents: Iterable[Document]) -> frozenset[str]:
    return frozenset(str(document["metadata"]["uid"]) for document in documents)
