"""Submits tasks over HTTP at a given concurrency, at so little cost that it leaves the machine to the service.

A general HTTP client needs more processor time for a request than the service does. This one knows one route, keeps its
connections, and reads what it needs of an answer.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

_HEAD_ENDS = b"\r\n\r\n"


@dataclass(frozen=True, slots=True)
class Submits:
    """What came of them."""

    seconds: float
    """From the first request to the last answer."""
    waits_s: Sequence[float]
    """For each answer, sorted."""
    refused: int
    """Answers that were not 202."""


async def submit_all(host: str, port: int, task_ids: Iterable[str], parameters: object, concurrency: int) -> Submits:
    """Submit tasks of alice's, as many at a time as there are connections."""
    requests = iter([_request(host, task_id, parameters) for task_id in task_ids])
    waits: list[float] = []
    refused = [0]
    began = time.perf_counter()
    await asyncio.gather(*(_connection(host, port, requests, waits, refused) for _ in range(concurrency)))
    return Submits(time.perf_counter() - began, sorted(waits), refused[0])


def _request(host: str, task_id: str, parameters: object) -> bytes:
    body = json.dumps({"task_id": task_id, "service": "sync", "user_id": "alice", "parameters": parameters}).encode()
    head = f"POST /tasks/task HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\nContent-Length: {len(body)}"
    return head.encode() + _HEAD_ENDS + body


async def _connection(host: str, port: int, requests: Iterator[bytes], waits: list[float], refused: list[int]) -> None:
    reader, writer = await asyncio.open_connection(host, port)
    try:
        for request in requests:
            began = time.perf_counter()
            writer.write(request)
            head = await reader.readuntil(_HEAD_ENDS)
            await reader.readexactly(_content_length(head))
            waits.append(time.perf_counter() - began)
            refused[0] += not head.startswith(b"HTTP/1.1 202")
    finally:
        writer.close()
        await writer.wait_closed()


def _content_length(head: bytes) -> int:
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            return int(line.removeprefix(b"content-length:"))
    raise RuntimeError(f"an answer without a length: {head!r}")
