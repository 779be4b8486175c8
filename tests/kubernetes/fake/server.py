"""The API server: kmock's scaffold, with versions, selectors, strictness, logs that are followed, and faults."""

from __future__ import annotations

import asyncio
import copy
import json
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import attrs
import kmock
from aiohttp import web
from kmock import Request

from tests.kubernetes.fake.logs import Logs
from tests.kubernetes.fake.store import Gone, Key, Object, Store, now, selects

ATTRIBUTES = ("group", "version", "plural")


@dataclass
class Fault:
    """What goes wrong with the next ``times`` requests that ``fits``."""

    fits: Callable[[Request], bool]
    code: int = 500
    reason: str = "InternalError"
    message: str = "something broke"
    headers: Mapping[str, str] = field(default_factory=dict)
    times: int = 1
    drops: bool = False
    """The connection breaks instead of an answer."""
    does_it: bool = False
    """The request is carried out all the same."""


class Refusal(Exception):
    """An answer that reports an error."""

    def __init__(self, code: int, reason: str, message: str) -> None:
        super().__init__(message)
        self.status = {"kind": "Status", "apiVersion": "v1", "status": "Failure", "code": code, "reason": reason}
        self.status["message"] = message
        self.code = code


@attrs.define(kw_only=True)
class FakeCluster(kmock.KubernetesScaffold):
    """One namespaced API server. ``engine`` is told of what is created and deleted."""

    own_namespace: str = "dms"
    store: Store = attrs.field(factory=Store)
    logs: Logs = attrs.field(factory=Logs)
    faults: list[Fault] = attrs.field(factory=list)
    on_create: Callable[[str, Object], None] = lambda resource, created: None
    on_delete: Callable[[str, Object], None] = lambda resource, deleted: None
    watches: set[asyncio.Task[Any]] = attrs.field(factory=set)
    page_size: int = 500
    garbage: list[str] = attrs.field(factory=list)
    """Lines that the next watches send before they end."""

    def break_connections(self) -> None:
        """Every watch that is open loses its connection."""
        for watch in list(self.watches):
            watch.cancel()

    def calls(self, method: str = "", *, about: str = "") -> list[str]:
        """Return requests as ``METHOD path``, watches as ``WATCH path``."""
        shown = [
            f"{'WATCH' if 'watch' in each.params else each.method.value} {each.url.path}" for each in self._requests
        ]
        return [each for each in shown if each.startswith(method) and about in each]

    async def _handle(self, request: Request) -> web.StreamResponse:
        for fault in self.faults:
            if fault.times > 0 and fault.fits(request):
                fault.times -= 1
                return await self._go_wrong(fault, request)
        return await self._serve(request)

    async def _go_wrong(self, fault: Fault, request: Request) -> web.StreamResponse:
        if fault.does_it:
            await self._serve(request)
        if fault.drops:
            raw = request._raw_request
            assert raw is not None
            assert raw.transport is not None
            raw.transport.abort()
            raise ConnectionResetError("as the test wants it")
        refusal = Refusal(fault.code, fault.reason, fault.message)
        return web.json_response(refusal.status, status=fault.code, headers=dict(fault.headers))

    async def _serve(self, request: Request) -> web.StreamResponse:
        if request.resource is None or request.namespace != self.own_namespace:
            return await super()._handle(request)
        resource = f"{request.resource.plural}.{request.resource.group or ''}"
        try:
            if request.subresource == "log":
                return await self.logs.serve(request, str(request.name))
            if "watch" in request.params:
                return await self._watch(request, resource)
            code, answer = self._answer(request, resource)
            return web.json_response(answer, status=code)
        except Refusal as refusal:
            return web.json_response(refusal.status, status=refusal.code)

    def _answer(self, request: Request, resource: str) -> tuple[int, Object]:
        if request.name is None:
            return (
                (201, self._create(request, resource))
                if request.method == "POST"
                else (200, self._list(request, resource))
            )
        key = (resource, self.own_namespace, request.name)
        found = self.store.get(key)
        if found is None:
            raise Refusal(404, "NotFound", f'{resource} "{request.name}" not found')
        if request.method == "DELETE":
            return 200, self._delete(key, found, request.data or {})
        if request.method == "PATCH":
            _check_writing(request)
            return 200, self.store.change(key, lambda each: _merge(each, request.data))
        return 200, found

    def _create(self, request: Request, resource: str) -> Object:
        _check_writing(request)
        given = request.data
        key = (resource, self.own_namespace, given["metadata"]["name"])
        if self.store.get(key) is not None:
            raise Refusal(409, "AlreadyExists", f'{resource} "{key[2]}" already exists')
        created = copy.deepcopy(self.store.add(key, given))
        self.on_create(resource, created)
        return created

    def _delete(self, key: Key, found: Object, options: Object) -> Object:
        wanted = (options.get("preconditions") or {}).get("uid")
        if wanted not in (None, found["metadata"]["uid"]):
            raise Refusal(409, "Conflict", "the UID in the precondition does not match the UID in record")
        if "deletionTimestamp" not in found["metadata"]:
            foreground = options.get("propagationPolicy") == "Foreground"

            def mark(each: Object) -> None:
                each["metadata"]["deletionTimestamp"] = now()
                each["metadata"]["finalizers"] = ["foregroundDeletion"] if foreground else []

            self.on_delete(key[0], self.store.change(key, mark))
        return found

    def _list(self, request: Request, resource: str) -> Object:
        selector, fields = request.params.get("labelSelector", ""), request.params.get("fieldSelector", "")
        found = [
            each
            for each in self.store.all(resource, self.own_namespace)
            if selects(selector, each["metadata"].get("labels", {})) and _has_fields(fields, each)
        ]
        size = min(int(request.params.get("limit", self.page_size)), self.page_size)
        begin = int(request.params.get("continue", 0))
        metadata: Object = {"resourceVersion": self.store.version}
        if begin + size < len(found):
            metadata["continue"] = str(begin + size)
        return {"kind": "List", "metadata": metadata, "items": found[begin : begin + size]}

    async def _watch(self, request: Request, resource: str) -> web.StreamResponse:
        if "resourceVersion" not in request.params:
            raise Refusal(400, "BadRequest", "these tests want a watch to say from which version on")
        response = web.StreamResponse(headers={"Content-Type": "application/json"})
        raw = request._raw_request
        assert raw is not None
        await response.prepare(raw)
        watch = asyncio.ensure_future(self._send_changes(request, resource, response))
        self.watches.add(watch)
        try:
            await watch
        except asyncio.CancelledError:
            if raw.transport is not None:
                raw.transport.abort()
            if not watch.cancelled():
                watch.cancel()
                raise
        finally:
            self.watches.discard(watch)
        return response

    async def _send_changes(self, request: Request, resource: str, response: web.StreamResponse) -> None:
        if self.garbage:
            await response.write(self.garbage.pop().encode() + b"\n")
            return
        async for event in self._changes(request, resource):
            await response.write(json.dumps(event).encode() + b"\n")

    async def _changes(self, request: Request, resource: str) -> AsyncIterator[Object]:
        selector = request.params.get("labelSelector", "")
        try:
            if "allowWatchBookmarks" in request.params:
                metadata = {"resourceVersion": request.params["resourceVersion"]}
                yield {"type": "BOOKMARK", "object": {"kind": "Bookmark", "metadata": metadata}}
            async for kind, changed in self.store.watch(resource, request.params["resourceVersion"]):
                if selects(selector, changed["metadata"].get("labels", {})):
                    yield {"type": kind, "object": changed}
        except Gone:
            gone = Refusal(410, "Expired", "too old resource version: 1 (1000)")
            yield {"type": "ERROR", "object": gone.status}


def _check_writing(request: Request) -> None:
    if request.params.get("fieldManager") != "dms-scheduler" or request.params.get("fieldValidation") != "Strict":
        raise Refusal(400, "BadRequest", "these tests want fieldManager, and strict validation")


def _has_fields(selector: str, found: Object) -> bool:
    for term in filter(None, selector.split(",")):
        path, _, value = term.partition("=")
        at: Any = found
        for name in path.split("."):
            at = (at or {}).get(name)
        if at != value:
            return False
    return True


def _merge(target: Object, changes: Object) -> None:
    for name, value in changes.items():
        if isinstance(value, dict) and isinstance(target.get(name), dict):
            _merge(target[name], value)
        elif value is None:
            target.pop(name, None)
        else:
            target[name] = value
