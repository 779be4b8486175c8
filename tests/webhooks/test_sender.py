"""One try, over real sockets."""

from __future__ import annotations

import time

import pytest

from application.outbox import Delivery, Result
from tests.webhooks.receiver import KEY, OK, Received, receiving
from tests.webhooks.sending import NOTIFICATION, SOON_S, sending

NEVER_S = 60.0
"""It must not end because its time is over."""


async def test_a_receiver_gets_what_it_can_verify() -> None:
    async with receiving() as receiver, sending(receiver.url()) as send:
        before = int(time.time())
        assert await send(NOTIFICATION) == Delivery(Result.DELIVERED)
        (request,) = receiver.requests
    assert request.line == "POST /hook?from=dms HTTP/1.1"
    assert request.headers["host"] == f"127.0.0.1:{receiver.port}"
    assert request.headers["content-type"] == "application/json"
    assert (request.id, request.body) == (NOTIFICATION.id, NOTIFICATION.body.encode())
    assert before <= int(request.headers["webhook-timestamp"]) <= int(time.time())
    assert request.is_signed_with(KEY)
    assert not request.is_signed_with(KEY[::-1])
    assert not Received(request.line, request.headers, request.body + b" ").is_signed_with(KEY)


@pytest.mark.parametrize("status", [200, 201, 202, 204, 299])
async def test_every_2xx_is_taken(status: int) -> None:
    async with receiving(lambda _: b"HTTP/1.1 %d X\r\n\r\n" % status) as receiver, sending(receiver.url()) as send:
        assert (await send(NOTIFICATION)).result is Result.DELIVERED


@pytest.mark.parametrize("status", [400, 401, 404, 410, 429, 500, 503])
async def test_another_status_is_not(status: int) -> None:
    async with receiving(lambda _: b"HTTP/1.1 %d X\r\n\r\n" % status) as receiver, sending(receiver.url()) as send:
        assert await send(NOTIFICATION) == Delivery(Result.ANSWERED, f"127.0.0.1: it answered {status}")


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirect_is_not_followed(status: int) -> None:
    async with receiving() as elsewhere:
        redirect = f"HTTP/1.1 {status} X\r\nLocation: {elsewhere.url()}\r\nContent-Length: 0\r\n\r\n".encode()
        async with receiving(lambda _: redirect) as receiver, sending(receiver.url()) as send:
            told = await send(NOTIFICATION)
        assert told == Delivery(Result.ANSWERED, f"127.0.0.1: it answered {status}, and redirects are not followed")
        assert not elsewhere.requests


async def test_a_proxy_of_the_environment_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    async with receiving() as proxy, receiving() as receiver:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, proxy.url())
        async with sending(receiver.url()) as send:
            assert (await send(NOTIFICATION)).result is Result.DELIVERED
        assert len(receiver.requests) == 1
        assert not proxy.requests


async def test_who_says_nothing_has_not_heard() -> None:
    async with receiving(lambda _: None) as receiver, sending(receiver.url(), within_s=SOON_S) as send:
        assert await send(NOTIFICATION) == Delivery(Result.TIMED_OUT, "127.0.0.1: no answer within 0.2 s")


async def test_who_is_not_there_cannot_be_reached(free_port: int) -> None:
    async with sending(f"http://127.0.0.1:{free_port}/") as send:
        told = await send(NOTIFICATION)
    assert told.result is Result.UNREACHABLE
    assert told.failure.startswith("127.0.0.1: ")


@pytest.mark.parametrize(
    "answer",
    [b"", b"\x00\xff\r\n\r\n", b"HTTP/1.1 huh\r\n\r\n", b"HTTP/1.1 200 OK\r\nno-colon\r\n\r\n", b"SSH-2.0-x\r\n"],
)
async def test_what_is_no_answer_is_none(answer: bytes) -> None:
    async with receiving(lambda _: answer) as receiver, sending(receiver.url()) as send:
        assert (await send(NOTIFICATION)).result is Result.UNREACHABLE


async def test_headers_without_end_are_not_read_without_end() -> None:
    endless = b"HTTP/1.1 200 OK\r\n" + b"x-filler: y\r\n" * 100_000
    async with receiving(lambda _: endless) as receiver, sending(receiver.url(), within_s=NEVER_S) as send:
        assert (await send(NOTIFICATION)).result is Result.UNREACHABLE


async def test_interim_answers_are_none() -> None:
    interim = b"HTTP/1.1 103 Early Hints\r\n\r\n" * 1000
    async with receiving(lambda _: interim) as receiver, sending(receiver.url(), within_s=NEVER_S) as send:
        assert (await send(NOTIFICATION)).result is Result.UNREACHABLE


async def test_a_body_is_not_read() -> None:
    unended = OK.replace(b"Content-Length: 0", b"Content-Length: 1000000000000")
    async with receiving(lambda _: unended) as receiver, sending(receiver.url(), within_s=NEVER_S) as send:
        assert (await send(NOTIFICATION)).result is Result.DELIVERED


async def test_a_url_without_a_path_is_that_of_the_root() -> None:
    async with receiving() as receiver, sending(f"http://127.0.0.1:{receiver.port}") as send:
        assert (await send(NOTIFICATION)).result is Result.DELIVERED
        assert receiver.requests[0].line == "POST / HTTP/1.1"
