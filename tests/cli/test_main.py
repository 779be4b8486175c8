"""What the program says of itself, and of mistakes."""

from __future__ import annotations

import os

import pytest

from entrypoints.cli.main import COMMANDS, call
from entrypoints.version import VERSION
from tests.cli import program
from tests.support.ports import free_port


@pytest.fixture(autouse=True)
def no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith("DMS_"):
            monkeypatch.delenv(name)


@pytest.mark.parametrize("arguments", [[], ["--help"]], ids=["nothing", "help"])
def test_help_lists_every_command_and_the_exit_codes(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert call(arguments) == 0
    said = capsys.readouterr().out
    assert all(name in said for name in COMMANDS)
    assert "Exit codes" in said


@pytest.mark.parametrize("name", COMMANDS)
def test_each_command_describes_its_arguments(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert call([name, "--help"]) == 0
    said = capsys.readouterr().out
    assert f"Usage: dms-scheduler {name}" in said
    assert "Traceback" not in said


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert call(["--version"]) == 0
    assert capsys.readouterr().out == f"dms-scheduler {VERSION}\n"


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["nonsense"], 'Unknown command "nonsense"'),
        (["serve", "--store", "disk"], '"disk"'),
        (["serve", "--port", "many"], '"many"'),
        (["serve", "--port", "70000"], "DMS_PORT='70000'"),
        (["serve", "--host", "127.0.0.1"], "DMS_ALLOWED_ROOTS"),
        (["serve", "--store", "memory", "--with-local-redis"], "exclude one another"),
        (["run", "sync", "a"], "DST"),
        (["run", "sync", "", "b"], "SRC"),
        (["register", "sync", "src"], "key=value"),
        (["register", "sync", "a=1", "a=2"], "given twice"),
        (["takeover", "--before", "yesterday"], "ISO 8601"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_a_mistake_is_told_in_one_line(arguments: list[str], told: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert call(arguments) == 2
    said = capsys.readouterr()
    assert told in said.err
    assert said.err.startswith("dms-scheduler: ")
    assert said.err.count("\n") == 1
    assert said.out == ""


@pytest.mark.parametrize("arguments", [["register", "sync", "src=/a"], ["takeover"]], ids=lambda value: value[0])
def test_redis_away_is_told_in_one_line_without_its_password(
    arguments: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DMS_REDIS_WRITE_URL", f"redis://:secret@127.0.0.1:{free_port()}/0")
    assert call(arguments) == 1
    said = capsys.readouterr().err
    assert "is it running" in said
    assert "secret" not in said
    assert said.count("\n") == 1


@pytest.mark.parametrize("arguments", [["register", "sync"], ["takeover"]], ids=lambda value: value[0])
def test_the_memory_store_is_no_place_for_other_processes(
    arguments: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DMS_STORE", "memory")
    assert call(arguments) == 2
    assert "Redis" in capsys.readouterr().err


def test_a_reader_that_goes_away_is_no_reason_for_a_traceback() -> None:
    with program.running("--help") as started:
        started.output.close()
        assert started.process.wait(program.LONG_S) in (0, 1)
