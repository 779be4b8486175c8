"""Log lines: JSON or for a terminal, with what is bound, without secrets, forged by nobody."""

from __future__ import annotations

import io
import json
import logging
import re
import warnings
from pathlib import Path
from typing import Any

import pytest
import structlog
from structlog.contextvars import bound_contextvars

from entrypoints.logs import configure_logging
from entrypoints.settings import Settings

FORGERY = 'x\n{"event": "forged", "level": "critical"}\r\x1b[2K\u2028y'

SETTINGS = Settings(
    operator_token="hunter2",
    redis_write_url="redis://user:hunter%33@host/0",
    redis_read_url="redis://host/0?password=hunter4",
)


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def stream() -> io.StringIO:
    stream = io.StringIO()
    configure_logging(SETTINGS, stream)
    return stream


@pytest.fixture
def terminal() -> Terminal:
    terminal = Terminal()
    configure_logging(SETTINGS, terminal)
    return terminal


def lines(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


log = logging.getLogger("some.module")


def test_a_line_is_json_with_time_level_and_extra(stream: io.StringIO) -> None:
    log.warning("%d tasks", 3, extra={"task_id": "10", "count": 2, "ratio": 0.5, "none": None, "yes": True})
    (line,) = lines(stream)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}\+09:00", line.pop("timestamp"))
    assert line == {
        "event": "3 tasks",
        "level": "warning",
        "logger": "some.module",
        "service_name": "dms-scheduler",
        "task_id": "10",
        "count": 2,
        "ratio": 0.5,
        "none": None,
        "yes": True,
    }


def test_what_is_bound_stands_on_every_line(stream: io.StringIO) -> None:
    with bound_contextvars(request_id="r1", task_id="10", user_id="alice"):
        log.info("one")
        structlog.get_logger("other").info("two", more=1)
    log.info("three")
    one, two, three = lines(stream)
    for line in (one, two):
        assert (line["request_id"], line["task_id"], line["user_id"]) == ("r1", "10", "alice")
    assert (two["event"], two["logger"], two["level"], two["more"]) == ("two", "other", "info", 1)
    assert "request_id" not in three


def test_structlog_and_uvicorn_lines_look_the_same(stream: io.StringIO) -> None:
    structlog.get_logger("a").warning("x %s", "y")
    logging.getLogger("uvicorn.error").info("Started", extra={"color_message": "\x1b[36mStarted"})
    ours, uvicorns = lines(stream)
    assert ours["event"] == "x y"
    assert uvicorns.keys() == ours.keys()


def test_no_field_passes_for_what_the_line_itself_tells(stream: io.StringIO) -> None:
    with bound_contextvars(event="forged", level="forged", timestamp="forged"):
        log.info("true", extra={"timestamp": "forged", "level": "forged", "event": "forged"})
    (line,) = lines(stream)
    assert (line["event"], line["level"]) == ("true", "info")
    assert re.match(r"\d{4}-", line["timestamp"])


def test_structlog_may_name_fields_as_records_name_their_own(stream: io.StringIO) -> None:
    structlog.get_logger("a").info("x", name="n", args=[1], module="m")
    (line,) = lines(stream)
    assert (line["logger"], line["name_"], line["args_"], line["module_"]) == ("a", "n", [1], "m")


def test_where_nothing_was_raised_no_exception_is_told(stream: io.StringIO) -> None:
    log.error("nothing raised", exc_info=True)
    (line,) = lines(stream)
    assert "exception" not in line


def test_below_the_level_nothing_is_logged() -> None:
    stream = io.StringIO()
    configure_logging(Settings(log_level="WARNING"), stream)
    log.info("no")
    structlog.get_logger("s").info("no")
    log.warning("yes")
    assert [line["event"] for line in lines(stream)] == ["yes"]


def test_an_exception_is_one_line(stream: io.StringIO) -> None:
    try:
        raise ValueError(FORGERY)
    except ValueError:
        log.exception("broken")
    (line,) = lines(stream)
    assert "Traceback" in line["exception"]
    assert "ValueError: x" in line["exception"]


def test_python_warnings_are_logged(stream: io.StringIO) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("default")
        configure_logging(SETTINGS, stream)
        warnings.warn("careful", UserWarning, stacklevel=1)
    assert "careful" in lines(stream)[-1]["event"]


def test_configuring_again_replaces_the_handler(stream: io.StringIO) -> None:
    again = io.StringIO()
    configure_logging(SETTINGS, again)
    log.info("once")
    assert (stream.getvalue(), len(lines(again))) == ("", 1)


@pytest.mark.parametrize("secret", ["hunter2", "hunter3", "hunter%33", "hunter4"])
@pytest.mark.parametrize("kind", [io.StringIO, Terminal])
def test_no_secret_gets_through(secret: str, kind: type[io.StringIO]) -> None:
    stream = kind()
    configure_logging(SETTINGS, stream)
    log.info("event with %s", secret, extra={"reason": f"at {secret}!", "nested": {"a": [secret]}})
    try:
        raise ValueError(secret)
    except ValueError:
        log.exception("broken")
    assert secret not in stream.getvalue()
    assert "***" in stream.getvalue()


def test_the_tokens_of_named_operators_are_secrets_too(tmp_path: Path) -> None:
    file = tmp_path / "tokens"
    file.write_text("kim:hunter5\nlee:hunter6\n")
    stream = io.StringIO()
    configure_logging(Settings(operator_tokens_file=str(file)), stream)
    log.info("hunter5 and hunter6 but not changeme")
    assert lines(stream)[0]["event"] == "*** and *** but not changeme"


def test_short_secrets_hide_no_words() -> None:
    stream = io.StringIO()
    configure_logging(Settings(operator_token="a"), stream)
    log.info("a banana")
    assert lines(stream)[0]["event"] == "a banana"


def test_nobody_forges_a_json_line(stream: io.StringIO) -> None:
    log.info("event %s", FORGERY, extra={"user_id": FORGERY})
    (line,) = lines(stream)
    assert len(stream.getvalue().splitlines()) == 1
    assert (line["event"], line["user_id"]) == (f"event {FORGERY}", FORGERY)


def test_nobody_forges_a_line_on_a_terminal(terminal: Terminal) -> None:
    log.info("event %s", FORGERY, extra={"user_id": FORGERY})
    written = terminal.getvalue()
    assert written.count("\n") == 1
    assert "forged" in written
    for control in ("\r", "\x1b[2K", "\u2028"):
        assert control not in written


def test_an_exception_on_a_terminal_is_indented(terminal: Terminal) -> None:
    try:
        raise ValueError(FORGERY)
    except ValueError:
        log.exception("broken")
    first, *others = terminal.getvalue().rstrip("\n").split("\n")
    assert "broken" in first
    assert others
    assert all(line.startswith("    ") for line in others)
    assert "\x1b[2K" not in terminal.getvalue()
