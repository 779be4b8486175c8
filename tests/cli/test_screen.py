"""What a person sees of a task."""

from __future__ import annotations

import io
from typing import Any

import pytest
from rich.console import Console

from entrypoints.cli.screen import task_screen
from entrypoints.cli.text import printable

PROGRESS = {
    "bytes_done": 50_000_000,
    "bytes_total": 200_000_000,
    "files_done": 10,
    "files_total": 40,
    "rate_bps": 25_000_000.0,
    "eta_s": 6.0,
}


def detail(**changes: Any) -> dict[str, Any]:
    plain: dict[str, Any] = {"status": "running", "logs": ["2026-03-12T10:00:00+09:00,Accepted"], "progress": PROGRESS}
    return {**plain, **changes}


def shown(*details: dict[str, Any], terminal: bool) -> str:
    """What is written while a task goes through these states."""
    written = io.StringIO()
    with task_screen(Console(file=written, force_terminal=terminal, width=160)) as screen:
        for each in details:
            screen.show(each)
    return written.getvalue()


def test_a_terminal_shows_how_far_the_work_is() -> None:
    said = shown(detail(), terminal=True)
    assert "50.0 MB of 200.0 MB, 10 of 40 files, 25.0 MB/s, 6 s left" in said


@pytest.mark.parametrize("progress", [None, {**PROGRESS, "bytes_total": 0, "files_total": 0, "eta_s": None}])
def test_a_task_that_has_not_counted_yet_can_be_shown(progress: dict[str, Any] | None) -> None:
    assert "running" in shown(detail(progress=progress), terminal=True)


def test_each_line_of_the_log_is_shown_once() -> None:
    lines = ["2026-03-12T10:00:00+09:00,Accepted", "2026-03-12T10:00:01+09:00,Completed"]
    said = shown(detail(), detail(), detail(logs=lines, status="completed"), terminal=False)
    assert said.splitlines() == lines


def test_what_users_wrote_cannot_move_the_cursor_or_style_the_text() -> None:
    line = "2026-03-12T10:00:00+09:00,Failed: \x1b[2J[red]no[/red] \r\x07 \u202e 한국어"
    (said,) = shown(detail(logs=[line]), terminal=False).splitlines()
    assert said == r"2026-03-12T10:00:00+09:00,Failed: \x1b[2J[red]no[/red] \r\x07 \u202e 한국어"
    assert printable("two\nlines") == "two\nlines"
