"""`demo` shows what it promises, and is no show where something is off."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from entrypoints.cli import demo, demo_story
from entrypoints.cli.compare import Comparison
from entrypoints.cli.demo_tree import TreeSize
from entrypoints.cli.main import call
from tests.cli import program

SMALL = TreeSize(small_files=20, big_files=2, big_bytes=20 * 1024 * 1024)


@pytest.fixture
def handlers() -> Iterator[None]:
    """Give the test run its own handling of SIGTERM back."""
    before = signal.getsignal(signal.SIGTERM)
    yield
    signal.signal(signal.SIGTERM, before)


@pytest.mark.slow
def test_the_demo_moves_verifies_cancels_blocks_and_explains(tmp_path: Path) -> None:
    ended = program.run("demo", env={"TMPDIR": str(tmp_path)})
    assert ended.returncode == 0, ended.stdout + ended.stderr
    explanation = ended.stdout[ended.stdout.index(" 1. The whole") :]
    assert len(explanation.splitlines()) == 20
    for told in ("MB/s", "Cancelled after", "403: submits are blocked", "in order"):
        assert told in explanation
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_an_interrupted_demo_leaves_nothing(tmp_path: Path) -> None:
    with program.running("demo", env={"TMPDIR": str(tmp_path)}) as started:
        started.lines_until("Running as")
        code, rest = started.end(signal.SIGTERM)
    assert code == 130
    assert "Traceback" not in rest
    assert list(tmp_path.iterdir()) == []


@pytest.mark.usefixtures("handlers")
def test_a_copy_that_differs_ends_the_demo(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    monkeypatch.setattr(demo, "TreeSize", lambda: SMALL)
    differing = Comparison(files=1, differences=("content of 'a' is 'x', in the source 'y'",))
    monkeypatch.setattr(demo_story, "compare_trees", lambda source, copy: differing)
    assert call(["demo"]) == 1
    said = capsys.readouterr()
    assert "content of 'a'" in said.out
    assert "something is off" in said.err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.usefixtures("handlers")
def test_too_little_room_is_told_before_anything_is_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    monkeypatch.setattr("shutil.disk_usage", lambda path: SimpleNamespace(free=10_000_000))
    assert call(["demo"]) == 1
    assert "TMPDIR" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []
