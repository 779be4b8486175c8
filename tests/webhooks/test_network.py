"""To which addresses a sender connects, and for whom it takes what it finds there."""

from __future__ import annotations

import asyncio
import socket
import ssl
import subprocess
import threading
from pathlib import Path
from typing import Any

import pytest

from application.outbox import Result
from tests.support.needs import require_program
from tests.webhooks.receiver import receiving
from tests.webhooks.sending import NOTIFICATION, SOON_S, sending


class TestPrivateAddresses:
    """They are refused unless they are allowed, and nothing reaches them."""

    @pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "127.1", "2130706433", "0x7f.1", "0.0.0.0"])
    async def test_however_they_are_written(self, host: str) -> None:
        async with receiving() as receiver, sending(receiver.url(host), allow_private=False) as send:
            told = await send(NOTIFICATION)
            assert told.result is Result.FORBIDDEN
            assert told.failure.endswith(" is not public; see DMS_WEBHOOK_ALLOW_PRIVATE")
            assert not receiver.requests

    @pytest.mark.parametrize("host", ["[::1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]"])
    async def test_in_ipv6_too(self, host: str) -> None:
        async with receiving() as receiver, sending(receiver.url(host), allow_private=False) as send:
            assert (await send(NOTIFICATION)).result is Result.FORBIDDEN
            assert not receiver.requests

    async def test_behind_a_name(self, resolves_to: Any) -> None:
        resolves_to("127.0.0.1")
        async with receiving() as receiver, sending(receiver.url("a.example"), allow_private=False) as send:
            told = await send(NOTIFICATION)
            assert told.failure == "a.example: its address 127.0.0.1 is not public; see DMS_WEBHOOK_ALLOW_PRIVATE"
            assert not receiver.requests

    async def test_among_public_ones(self, resolves_to: Any) -> None:
        resolves_to("192.0.2.1", "127.0.0.1")
        async with receiving() as receiver, sending(receiver.url("a.example"), allow_private=False) as send:
            assert (await send(NOTIFICATION)).result is Result.FORBIDDEN
            assert not receiver.requests

    async def test_where_they_are_allowed(self, resolves_to: Any) -> None:
        asked = resolves_to("127.0.0.1")
        async with receiving() as receiver, sending(receiver.url("a.example")) as send:
            assert (await send(NOTIFICATION)).result is Result.DELIVERED
            assert receiver.requests[0].headers["host"] == f"a.example:{receiver.port}"
        assert asked == ["a.example"], "a second look-up could lead elsewhere"


async def test_an_address_that_refuses_does_not_hide_the_next(resolves_to: Any) -> None:
    async with receiving() as receiver:
        resolves_to("127.0.0.2", "127.0.0.1")
        async with sending(receiver.url("a.example")) as send:
            assert (await send(NOTIFICATION)).result is Result.DELIVERED


async def test_a_name_that_is_none_cannot_be_reached() -> None:
    async with sending("http://no-such-name.invalid/") as send:
        told = await send(NOTIFICATION)
    assert told.result is Result.UNREACHABLE
    assert "its name cannot be resolved" in told.failure


async def test_a_name_server_that_hangs_holds_up_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    answered = threading.Event()
    known = socket.getaddrinfo

    def getaddrinfo(host: str, *where: Any, **how: Any) -> list[Any]:
        if host == "hangs.example":
            answered.wait()
        return list(known("127.0.0.1", *where, **how))

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    try:
        async with (
            receiving() as receiver,
            sending(receiver.url("a.example")) as send,
            sending("http://hangs.example/", within_s=SOON_S) as other,
        ):
            tries = [asyncio.create_task(other(NOTIFICATION)) for _ in range(64)]
            assert (await send(NOTIFICATION)).result is Result.DELIVERED
            assert {told.result for told in await asyncio.gather(*tries)} == {Result.TIMED_OUT}
    finally:
        answered.set()


class TestTls:
    """The certificate is that of the name in the URL, whatever the address."""

    @pytest.fixture
    def certificate(self, tmp_path: Path) -> Path:
        """A key with a certificate for ``a.example``, which no one vouches for."""
        file = tmp_path / "pem"
        command = "req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=a -addext subjectAltName=DNS:a.example"
        made = [require_program("openssl"), *command.split(), "-keyout", str(file), "-out", f"{file}.crt"]
        subprocess.run(made, check=True, capture_output=True)
        file.write_text(file.read_text() + Path(f"{file}.crt").read_text())
        return file

    async def test_it_is_verified(self, certificate: Path, resolves_to: Any) -> None:
        resolves_to("127.0.0.1")
        server = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        server.load_cert_chain(certificate)
        trusting = ssl.create_default_context(cafile=f"{certificate}.crt")
        async with receiving(tls=server) as receiver:
            for host, tls, result in (
                ("a.example", trusting, Result.DELIVERED),
                ("b.example", trusting, Result.UNREACHABLE),
                ("a.example", None, Result.UNREACHABLE),
            ):
                async with sending(receiver.url(host, "https"), tls=tls) as send:
                    assert (await send(NOTIFICATION)).result is result
            assert len(receiver.requests) == 1
