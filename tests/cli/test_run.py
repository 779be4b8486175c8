"""`run`: one task to its end in one process, with real files."""

from __future__ import annotations

import json
import signal
from pathlib import Path
from typing import Any

import pytest

from entrypoints.cli.account import invoking_account
from entrypoints.cli.compare import compare_trees
from entrypoints.cli.demo_tree import TreeMaker, TreeSize
from tests.cli import program

SMALL = TreeSize(small_files=30, big_files=1, big_bytes=4 * 1024 * 1024)


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A directory that holds the tree `source`."""
    TreeMaker(tmp_path / "source", SMALL).make()
    return tmp_path


def record_of(stdout: str) -> dict[str, Any]:
    """The final record; nothing else is on stdout."""
    found: dict[str, Any] = json.loads(stdout)
    return found


def test_sync_copies_a_tree_and_prints_the_record(place: Path) -> None:
    ended = program.run("run", "sync", "source", "new/copy", cwd=place)
    assert ended.returncode == 0, ended.stderr
    record = record_of(ended.stdout)
    assert (record["status"], record["service"], record["user_id"]) == ("completed", "sync", invoking_account())
    assert record["parameters"] == {"src": str(place / "source"), "dst": str(place / "new/copy")}
    assert record["logs"][-1].endswith(",Completed")
    assert compare_trees(place / "source", place / "new/copy").differences == ()
    # The lines of the log, and nothing but them, are told while it runs.
    assert ended.stderr.splitlines() == record["logs"]


@pytest.mark.slow
def test_options_are_passed_on(place: Path) -> None:
    for extra in ("copy", "kept"):
        assert program.run("run", "cp", "source", extra, cwd=place).returncode == 0
        (place / extra / "extra").touch()
    assert program.run("run", "sync", "source", "copy", "--options", "--delete --contents", cwd=place).returncode == 0
    assert not (place / "copy" / "extra").exists()
    assert program.run("run", "sync", "source", "kept", "--options=--contents", cwd=place).returncode == 0
    assert (place / "kept" / "extra").exists()


@pytest.mark.slow
def test_rm_removes_a_tree_but_follows_no_link(place: Path) -> None:
    (place / "link").symlink_to("source")
    program.run("run", "rm", "link", cwd=place)
    assert (place / "source" / "images").exists()
    assert program.run("run", "rm", "source", cwd=place).returncode == 0
    assert not (place / "source").exists()


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["sync", "nowhere", "copy"], "nowhere"),
        (["sync", "source", "source/inside"], "may not contain one another"),
        pytest.param(["sync", "source/images", "source"], "may not contain one another", marks=pytest.mark.slow),
        pytest.param(["sync", "source", "/"], "mount root", marks=pytest.mark.slow),
        (["sync", "source", "copy", "--options=--frobnicate"], "--frobnicate"),
        pytest.param(["rm", "nowhere"], "nowhere", marks=pytest.mark.slow),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_what_cannot_be_done_fails_with_the_reason(place: Path, arguments: list[str], told: str) -> None:
    ended = program.run("run", *arguments, cwd=place)
    assert ended.returncode == 1
    assert told in ended.stderr
    assert "Traceback" not in ended.stderr
    record = record_of(ended.stdout)
    assert record["status"] == "failed"
    assert told in record["logs"][-1]


@pytest.mark.slow
def test_settings_of_a_service_on_this_machine_do_not_matter(place: Path) -> None:
    settings = {
        "DMS_STORE": "redis",
        "DMS_REDIS_WRITE_URL": "redis://127.0.0.1:1/0",
        "DMS_EXECUTOR": "placeholder",
        "DMS_ALLOWED_ROOTS": "/nowhere",
        "DMS_WORKERS": "4",
        "DMS_PORT": "1",
    }
    assert program.run("run", "sync", "source", "copy", cwd=place, env=settings).returncode == 0
    assert compare_trees(place / "source", place / "copy").differences == ()


@pytest.mark.slow
def test_a_setting_that_cannot_be_used_is_told_in_one_line(place: Path) -> None:
    ended = program.run("run", "sync", "source", "copy", cwd=place, env={"DMS_MOVER": "mv"})
    assert ended.returncode == 2
    assert ended.stderr.count("\n") == 1
    assert "DMS_MOVER" in ended.stderr


@pytest.mark.parametrize("number", [signal.SIGINT, pytest.param(signal.SIGTERM, marks=pytest.mark.slow)])
def test_ctrl_c_cancels_the_task_and_waits_for_its_end(place: Path, number: signal.Signals) -> None:
    with program.running("run", "sync", "source", "copy", "--options=--bwlimit 64K", cwd=place) as started:
        started.lines_until("Running as")
        code, rest = started.end(number)
    assert code == 130
    record = record_of(rest[rest.index("{\n") :])
    assert record["status"] == "cancelled"
    assert "Cancelling" in rest
    assert not processes_in(place)


@pytest.mark.slow
def test_a_second_ctrl_c_leaves_at_once_and_leaves_nothing_at_work(place: Path) -> None:
    with program.running("run", "sync", "source", "copy", "--options=--bwlimit 64K", cwd=place) as started:
        started.lines_until("Running as")
        started.process.send_signal(signal.SIGINT)
        started.lines_until("Cancelling")
        code, rest = started.end(signal.SIGINT)
    assert code == 130
    assert "Traceback" not in rest
    assert not processes_in(place)


def processes_in(place: Path) -> list[str]:
    """Processes whose arguments or directory lie there."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            arguments = (entry / "cmdline").read_bytes().decode(errors="replace")
            directory = str((entry / "cwd").readlink())
        except OSError:
            continue
        if str(place) in arguments or directory.startswith(str(place)):
            found.append(arguments)
    return found
