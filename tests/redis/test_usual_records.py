"""Records that are parsed in one go are parsed as those that are parsed field by field."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.redis import record_codec
from adapters.redis.record_codec import decode_record
from adapters.redis.record_parameters import DEEPEST, UnreadableRecord
from tests.redis.desk import document
from tests.redis.documents import Written, json_texts, records

UNREADABLE = "unreadable"
FIELDS = sorted(document("10"))


def outcomes(raw: bytes) -> tuple[str, str]:
    """What becomes of a document as ever, and where every record is parsed field by field."""
    as_ever = outcome(raw)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(record_codec, "read_usual", lambda raw, fields: None)
        return as_ever, outcome(raw)


def outcome(raw: bytes) -> str:
    """All that is parsed, in a form that tells 1 from 1.0."""
    try:
        decoded = decode_record(raw, "10")
    except UnreadableRecord:
        return UNREADABLE
    return repr((decoded.record, decoded.updated_at))


@given(written=records("10"))
def test_of_any_record(written: Written) -> None:
    as_ever, one_by_one = outcomes(written.bytes())
    assert as_ever == one_by_one


@given(field=st.sampled_from(FIELDS), value=json_texts)
def test_of_a_record_with_any_value_in_one_of_its_fields(field: str, value: str) -> None:
    known = {name: json.dumps(told) for name, told in document("10").items()} | {field: value}
    raw = ("{" + ",".join(f"{json.dumps(name)}:{told}" for name, told in known.items()) + "}").encode()
    as_ever, one_by_one = outcomes(raw)
    assert as_ever == one_by_one


@given(field=st.sampled_from(["pod_status", "launcher_output", "more"]), value=json_texts)
def test_of_a_record_with_any_result(field: str, value: str) -> None:
    result = {"pod_status": "null", "launcher_output": "null"} | {field: value}
    known = {name: json.dumps(told) for name, told in document("10").items()}
    known["result"] = "{" + ",".join(f"{json.dumps(name)}:{told}" for name, told in result.items()) + "}"
    raw = ("{" + ",".join(f"{json.dumps(name)}:{told}" for name, told in known.items()) + "}").encode()
    as_ever, one_by_one = outcomes(raw)
    assert as_ever == one_by_one


def test_of_a_record_that_is_nested_too_deep() -> None:
    deep: object = {}
    for _ in range(DEEPEST + 1):
        deep = {"a": deep}
    as_ever, one_by_one = outcomes(json.dumps(document("10") | {"parameters": deep}).encode())
    assert as_ever == one_by_one == UNREADABLE


def test_the_frontends_own_records_are_parsed_in_one_go(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(record_codec, "_decode_one_by_one")
    assert outcome(json.dumps(document("10")).encode()) != UNREADABLE
