"""Ledgers as bytes, also those that an earlier version of the scheduler wrote."""

from __future__ import annotations

import json
from dataclasses import replace

from hypothesis import given

from adapters.redis.ledger_codec import NOBODY, decode_ledger, encode_task, header_lease
from domain.task import Task
from domain.testing import tasks


def ledger(task: Task) -> bytes:
    epoch = task.lease.epoch if task.lease else 0
    return f"7 {task.order} {epoch} {header_lease(task.lease)}\n".encode() + encode_task(task)


@given(tasks())
def test_what_was_written_is_read(task: Task) -> None:
    decoded = decode_ledger(ledger(task))
    # A leased task waits for no retry, whatever its JSON says.
    assert decoded.task == (task if task.lease is None else replace(task, retry_at=None))
    assert decoded.version == 7


@given(tasks())
def test_a_ledger_without_a_trace_is_one_of_a_task_without(task: Task) -> None:
    document = json.loads(encode_task(replace(task, lease=None)))
    del document["traceparent"]
    header = f"1 {task.order} 0 {NOBODY}\n".encode()
    read = decode_ledger(header + json.dumps(document).encode()).task
    assert read == replace(task, lease=None, traceparent=None)
