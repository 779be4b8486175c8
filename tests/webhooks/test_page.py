"""What docs/webhooks.md tells receivers is true."""

from __future__ import annotations

import json
import re
import time
from typing import Any

from adapters.webhooks import Signer
from application.notifying import body_of
from domain.task import Task
from tests.docs.markdown import DOCS, quoted, table
from tests.webhooks.ended import AT, record, refused
from tests.webhooks.receiver import SECRET

PAGE = (DOCS / "webhooks.md").read_text()


def of_page(pattern: str) -> str:
    (found,) = re.findall(pattern, PAGE, re.DOTALL)
    return str(found)


def is_genuine(headers: dict[str, str], body: bytes) -> bool:
    """Run the page's function."""
    names: dict[str, Any] = {"SECRET": SECRET}
    exec(of_page(r"<!-- verify: .*? -->\n```python\n(.*?)```"), names)
    return bool(names["is_genuine"](headers, body))


def test_the_function_tells_the_genuine_from_the_rest() -> None:
    signer, now, body = Signer([SECRET]), int(time.time()), b"{}"
    genuine = signer.headers("dms_1_1_ab", now, body)
    several = {**genuine, "webhook-signature": f"v1,bm8= {genuine['webhook-signature']}"}
    assert is_genuine(genuine, body)
    assert is_genuine(several, body)
    assert not is_genuine(genuine, b"{ }")
    assert not is_genuine({**genuine, "webhook-id": "dms_2_1_ab"}, body)
    assert not is_genuine(signer.headers("dms_1_1_ab", now - 3600, body), body)


def test_the_example_has_every_field_and_no_other() -> None:
    shown = json.loads(of_page(r'\n(\{"type".*?\}\})\n'))
    told = json.loads(body_of(refused()))
    assert shown.keys() == told.keys()
    assert list(shown["data"]) == list(told["data"])
    named = {name.removeprefix("data.") for row in table(DOCS / "webhooks.md", "field") for name in quoted(row[0])}
    assert named <= told.keys() | told["data"].keys()


def test_a_body_stays_small_whatever_records_hold() -> None:
    hostile = "\U0001f600" * 100_000
    task = Task.refuse(record(user_id=hostile, service=hostile, created_at=hostile), hostile, AT)
    assert len(body_of(task)) < 64 * 1024
