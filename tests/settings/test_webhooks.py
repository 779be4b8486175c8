"""The settings of webhooks: what is accepted, and that nothing secret is shown."""

from __future__ import annotations

import io
import logging
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.notifications import DEFAULT_ROUTE
from entrypoints.logs import configure_logging
from entrypoints.settings import ExecutorKind, Settings, SettingsError
from entrypoints.startup import check_settings, tell_of_settings
from entrypoints.webhooks import MOST_SECRETS, webhook_secrets
from tests.webhooks.receiver import SECRET

URL = "https://a.example/hook?key=hunter2"


def read(text: str) -> tuple[tuple[str, str], ...]:
    return Settings.from_environment({"DMS_WEBHOOKS": text}).webhooks


def telling(tmp_path: Path, content: str | bytes = SECRET, webhooks: str = URL) -> Settings:
    file = tmp_path / "secret"
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    plain = Settings(executor=ExecutorKind.PLACEHOLDER, operator_token="own", webhook_secret_file=str(file))
    return replace(plain, webhooks=read(webhooks))


@pytest.mark.parametrize(
    ("text", "routes"),
    [
        (URL, {DEFAULT_ROUTE: URL}),
        ("sync=http://a.example:8080", {"sync": "http://a.example:8080"}),
        (
            f"sync=http://[::1]:8/x?a=b,{URL},rm=https://b",
            {"sync": "http://[::1]:8/x?a=b", DEFAULT_ROUTE: URL, "rm": "https://b"},
        ),
    ],
)
def test_receivers_are_read_and_written_back(text: str, routes: dict[str, str]) -> None:
    assert dict(read(text)) == routes
    settings = Settings.from_environment({"DMS_WEBHOOKS": text})
    assert Settings.from_environment(settings.as_environment()) == settings


@pytest.mark.parametrize(
    "text",
    [
        "a.example",
        "ftp://a.example/",
        "file:///etc/passwd",
        "https://",
        "https:///path",
        "https://a.example:0/",
        "https://a.example:port/",
        "https://user:hunter2@a.example/",
        "https://a.example/#fragment",
        "https://a.example\\@b.example/",
        "https://a.example/ b",
        "https://a.example/\nHost: b",
        "https://bücher.example/",
        "https://a.example/" + "x" * 2000,
        f"{URL},{URL}",
        f"sync={URL},sync={URL}",
        f"sync={URL},",
        f"a b={URL}",
        f"={URL}",
        f"*={URL}",
        ",".join(f"s{number}={URL}" for number in range(21)),
    ],
)
def test_other_receivers_are_refused_and_not_shown(text: str) -> None:
    with pytest.raises(SettingsError) as caught:
        read(text)
    assert str(caught.value).startswith("DMS_WEBHOOKS=(not shown): accepted is an http or https URL")
    assert "hunter2" not in str(caught.value)


@given(st.text())
def test_no_text_breaks_the_reader(text: str) -> None:
    try:
        read(text)
    except SettingsError:
        return


@pytest.mark.parametrize(("text", "value"), [("on", True), ("ON", True), ("off", False)])
def test_a_switch_is_on_or_off(text: str, value: bool) -> None:
    assert Settings.from_environment({"DMS_WEBHOOK_ALLOW_PRIVATE": text}).webhook_allow_private is value


@pytest.mark.parametrize("text", ["1", "true", "yes", " on"])
def test_a_switch_is_nothing_else(text: str) -> None:
    with pytest.raises(SettingsError, match="accepted is on or off"):
        Settings.from_environment({"DMS_WEBHOOK_ALLOW_PRIVATE": text})


def test_good_settings_pass(tmp_path: Path) -> None:
    check_settings(telling(tmp_path))
    assert webhook_secrets(telling(tmp_path, f"# new\n{SECRET}\n\n  whsec_{'Ab12' * 8}\n")) == [
        SECRET,
        "whsec_" + "Ab12" * 8,
    ]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("", "it holds 0 secrets"),
        ("# none\n", "it holds 0 secrets"),
        ("hunter2", "line 1: accepted is whsec_ and 24 to 64 bytes in base64"),
        (f"{SECRET}\n\nwhsec_hunter2", "line 3: accepted is"),
        (f"{SECRET}\n" * (MOST_SECRETS + 1), "it holds 5 secrets; accepted are 1 to 4"),
        (b"\xff\xfehunter2", "it is not UTF-8 text"),
        ("#" * 70_000, "it is larger than 65536 bytes"),
    ],
)
def test_a_file_that_is_none_stops_the_start(tmp_path: Path, content: str | bytes, reason: str) -> None:
    with pytest.raises(SettingsError) as caught:
        check_settings(telling(tmp_path, content))
    assert str(caught.value).startswith("DMS_WEBHOOK_SECRET_FILE=")
    assert reason in str(caught.value)
    assert "hunter2" not in str(caught.value)


def test_a_file_must_be_named_and_there(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="DMS_WEBHOOK_SECRET_FILE is not set"):
        check_settings(replace(telling(tmp_path), webhook_secret_file=""))
    with pytest.raises(SettingsError, match="No such file"):
        check_settings(replace(telling(tmp_path), webhook_secret_file=str(tmp_path / "nope")))


@pytest.mark.parametrize("host", ["127.0.0.1", "10.1.2.3", "[::1]", "[::ffff:10.0.0.1]", "169.254.169.254"])
def test_a_private_address_stops_the_start_unless_it_is_allowed(tmp_path: Path, host: str) -> None:
    named = telling(tmp_path, webhooks=f"sync=http://{host}:8080/")
    with pytest.raises(SettingsError, match=r"is no public address; .*DMS_WEBHOOK_ALLOW_PRIVATE=on"):
        check_settings(named)
    check_settings(replace(named, webhook_allow_private=True))


def test_nothing_secret_is_in_a_repr_or_a_line_of_the_log(tmp_path: Path) -> None:
    named = telling(tmp_path)
    assert "hunter2" not in repr(named)
    stream = io.StringIO()
    configure_logging(named, stream)
    logging.getLogger("test").error("the secret is %s", SECRET)
    assert "the secret is" in stream.getvalue()
    assert SECRET not in stream.getvalue()


def test_the_start_names_the_receivers_and_warns_of_plain_http(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    tell_of_settings(telling(tmp_path, webhooks=f"{URL},rm=http://b.example/?key=hunter2"))
    told = {record.getMessage(): record.__dict__ for record in caplog.records}
    assert told["receivers are told of the ends of tasks"]["receivers"] == {"*": "a.example", "rm": "b.example"}
    assert told["a receiver's URL is http, not https: whoever is on the way can read what it is told"]["route"] == "rm"
    assert "hunter2" not in str(told)
    caplog.clear()
    tell_of_settings(replace(telling(tmp_path), webhooks=()))
    assert "receiver" not in caplog.text
