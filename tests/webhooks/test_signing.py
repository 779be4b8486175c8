"""Signatures, held against values that were computed with openssl."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.webhooks import Signer
from adapters.webhooks.signing import read_secret
from tests.webhooks.receiver import KEY, SECRET, Received

BODY = b'{"type":"task.completed"}'


def test_a_signature_is_the_one_of_the_specification() -> None:
    headers = Signer([SECRET]).headers("dms_1_1_ab", 1_674_087_231, BODY)
    assert headers == {
        "webhook-id": "dms_1_1_ab",
        "webhook-timestamp": "1674087231",
        "webhook-signature": "v1,sNpJITExfiUaR3KebO901uzfDbuySpEWCRlRZqOl3yY=",
    }


def test_each_secret_signs_in_its_turn() -> None:
    other = bytes(range(32, 64))
    signer = Signer([SECRET, "whsec_" + base64.b64encode(other).decode()])
    received = Received("", signer.headers("dms_1_1_ab", 1, BODY), BODY)
    assert len(received.headers["webhook-signature"].split(" ")) == 2
    assert received.is_signed_with(KEY)
    assert received.is_signed_with(other)
    assert not received.is_signed_with(bytes(32))


@given(st.binary(min_size=24, max_size=64))
def test_every_secret_of_the_specification_is_read(key: bytes) -> None:
    assert read_secret("whsec_" + base64.b64encode(key).decode()) == key


@pytest.mark.parametrize(
    "text",
    [
        "",
        "whsec_",
        "whsec_short",
        "hunter2hunter2hunter2hunter2hunter2",
        base64.b64encode(KEY).decode(),
        "whsec_" + base64.b64encode(bytes(23)).decode(),
        "whsec_" + base64.b64encode(bytes(65)).decode(),
        "whsec_" + base64.b64encode(KEY).decode().rstrip("="),
        "whsec_" + "é" * 40,
        "whsec_" + base64.b64encode(KEY).decode() + "\n!",
    ],
)
def test_what_is_no_secret_is_refused_and_not_shown(text: str) -> None:
    with pytest.raises(ValueError, match="accepted is whsec_ and 24 to 64 bytes in base64") as caught:
        read_secret(text)
    assert "hunter2" not in str(caught.value)
