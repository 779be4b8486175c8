"""The calls to the API server that the executor makes, over lightkube's client.

lightkube brings the configuration (in a cluster, or a kubeconfig), the credentials and their renewal, and the URLs. The
requests are built here, because they say what lightkube's own methods have no words for: strict validation, bookmarks,
deletion of one very object, and streams that are closed for certain.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any, cast

import httpx2
from lightkube.config.client_adapter import ConnectionParams
from lightkube.config.kubeconfig import SingleConfig
from lightkube.core.exceptions import ConfigError
from lightkube.core.generic_client import BasicRequest, GenericAsyncClient
from lightkube.types import PatchType

from adapters.executors.kubernetes.answers import fault_of, no_answer
from adapters.executors.kubernetes.connecting import probed_connections
from adapters.executors.kubernetes.kinds.base import Document
from adapters.executors.kubernetes.resources import EVENTS, POD_LOGS, Resource

FIELD_MANAGER = "dms-scheduler"
REQUEST_S = 10.0
"""How long an ordinary request may take."""
WATCH_S = 290
"""How long a watch lasts before the server ends it in order, in seconds; less than what proxies usually allow."""
SILENCE_S = 30.0
"""How much longer than that a watch may be silent before its connection counts as dead."""
PAGE = 500
"""Objects per page of a list."""
MOST_REQUESTS = 32
MOST_STREAMS = 48
"""At once. Together with the watches they are fewer than the connections of the client's pool (100)."""


class ClusterApi:
    """One API server, one namespace. Every method may raise :class:`~.problems.ApiFault`."""

    def __init__(self, config: SingleConfig, namespace: str = "") -> None:
        """``namespace``: empty takes the configuration's."""
        transport = cast(httpx2.BaseTransport, probed_connections(config))  # lightkube has one type for both kinds
        self._client = GenericAsyncClient(
            ConnectionParams(timeout=httpx2.Timeout(REQUEST_S), trust_env=False, transport=transport),
            config,
            namespace=namespace or None,
            field_manager=FIELD_MANAGER,
        )
        self.namespace: str = self._client.namespace
        self._requests = asyncio.Semaphore(MOST_REQUESTS)
        self.streams = asyncio.Semaphore(MOST_STREAMS)
        """Logs that are followed hold it."""

    async def create(self, resource: Resource, document: Document, timeout_s: float = REQUEST_S) -> Document:
        """Create an object; the server refuses fields that it does not know."""
        # lightkube's own way would read the metadata as its model first, and break where a template has it wrong.
        params = {"fieldManager": FIELD_MANAGER, "fieldValidation": "Strict"}
        request = self._client.prepare_request("list", resource, namespace=self.namespace, params=params)
        request.method, request.data = "POST", document
        request.timeout = httpx2.Timeout(max(0.1, min(timeout_s, REQUEST_S)))
        return await self._ask(request)

    async def get(self, resource: Resource, name: str) -> Document:
        """Return an object."""
        return await self._ask(self._client.prepare_request("get", resource, name=name, namespace=self.namespace))

    async def patch(self, resource: Resource, name: str, changes: Document) -> Document:
        """Merge changes into an object."""
        request = self._client.prepare_request(
            "patch",
            resource,
            obj=changes,
            name=name,
            namespace=self.namespace,
            params={"fieldValidation": "Strict"},
            headers={"Content-Type": PatchType.MERGE.value},
        )
        return await self._ask(request)

    async def delete(self, resource: Resource, name: str, uid: str) -> None:
        """Delete this very object, its pods first. One that is being deleted already stays so."""
        request = self._client.prepare_request("delete", resource, name=name, namespace=self.namespace)
        request.data = {
            "kind": "DeleteOptions",
            "apiVersion": "v1",
            "propagationPolicy": "Foreground",
            "preconditions": {"uid": uid},
        }
        await self._ask(request)

    async def list_all(self, resource: Resource, selector: str) -> tuple[list[Document], str]:
        """Return all that a label selector selects, and the version of the collection from which to watch it."""
        items: list[Document] = []
        params: dict[str, Any] = {"labelSelector": selector, "limit": PAGE}
        while True:
            page = await self._ask(
                self._client.prepare_request("list", resource, namespace=self.namespace, params=dict(params))
            )
            items += page.get("items") or []
            about = page.get("metadata") or {}
            if not about.get("continue"):
                return items, str(about.get("resourceVersion"))
            params["continue"] = about["continue"]

    async def warnings_about(self, name: str) -> list[str]:
        """Return the messages of the warnings about an object, the oldest first."""
        params = {"fieldSelector": f"involvedObject.name={name},type=Warning", "limit": PAGE}
        request = self._client.prepare_request("list", EVENTS, namespace=self.namespace, params=params)
        items = (await self._ask(request)).get("items") or []
        items.sort(key=lambda event: str(event.get("lastTimestamp") or event.get("eventTime") or ""))
        return [str(event.get("message")) for event in items]

    @asynccontextmanager
    async def watch(self, resource: Resource, selector: str, version: str) -> AsyncIterator[AsyncIterator[bytes]]:
        """Open a watch from a version on, and give its lines, one event each, bookmarks among them."""
        params = {
            "labelSelector": selector,
            "resourceVersion": version,
            "allowWatchBookmarks": "true",
            "timeoutSeconds": WATCH_S,
        }
        request = self._client.prepare_request(
            "list", resource, namespace=self.namespace, watch=True, params=dict(params)
        )
        async with self._stream(request, WATCH_S + SILENCE_S) as response:
            yield _lines(response)

    @asynccontextmanager
    async def log(self, pod: str, params: Mapping[str, object], *, follow: bool) -> AsyncIterator[AsyncIterator[bytes]]:
        """Open the log of a pod's container, and give its bytes as they come."""
        given = {**params, "follow": "true"} if follow else dict(params)
        request = self._client.prepare_request("get", POD_LOGS, name=pod, namespace=self.namespace, params=given)
        limit = self.streams if follow else self._requests
        async with limit, self._stream(request, None if follow else REQUEST_S) as response:
            yield _translated(response.aiter_bytes())

    async def close(self) -> None:
        """Close all connections."""
        await self._client.close()  # type: ignore[no-untyped-call]

    async def _ask(self, request: BasicRequest) -> Document:
        async with self._requests:
            response = await self._send(request)
        if response.is_error:
            raise fault_of(response)
        try:
            answer: Document = response.json()
        except ValueError as error:
            raise no_answer(error) from error
        return answer

    async def _send(self, request: BasicRequest, *, stream: bool = False) -> httpx2.Response:
        built = self._client.build_adapter_request(request)
        try:
            response: httpx2.Response = await self._client.send(built, stream=stream)  # type: ignore[no-untyped-call]
        except (httpx2.HTTPError, ConfigError, OSError) as error:  # the latter: credentials that cannot be read
            raise no_answer(error) from error
        return response

    @asynccontextmanager
    async def _stream(self, request: BasicRequest, silence_s: float | None) -> AsyncIterator[httpx2.Response]:
        request.timeout = httpx2.Timeout(REQUEST_S, read=silence_s)
        response = await self._send(request, stream=True)
        try:
            if response.is_error:
                await response.aread()
                raise fault_of(response)
            yield response
        finally:
            await response.aclose()


async def _lines(response: httpx2.Response) -> AsyncIterator[bytes]:
    rest = b""
    async for chunk in _translated(response.aiter_bytes()):
        *lines, rest = (rest + chunk).split(b"\n")
        for line in lines:
            if line:
                yield line


async def _translated(chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    try:
        async for chunk in chunks:
            yield chunk
    except httpx2.HTTPError as error:
        raise no_answer(error) from error
