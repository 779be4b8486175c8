"""A task on a terminal: its log lines, and a bar below them. Where there is no terminal, the lines alone."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.filesize import decimal
from rich.progress import BarColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn
from rich.text import Text

from entrypoints.cli.follow import Detail
from entrypoints.cli.text import printable


class TaskScreen:
    """Implements :class:`entrypoints.cli.follow.Screen`."""

    def __init__(self, progress: Progress, bar: TaskID) -> None:
        self._progress = progress
        self._bar = bar
        self._lines_shown = 0

    def show(self, detail: Detail) -> None:
        """Show new log lines, and how far the work is."""
        for line in detail["logs"][self._lines_shown :]:
            self.say(line)
        self._lines_shown = len(detail["logs"])
        done, total = _extent(detail)
        self._progress.update(
            self._bar, description=detail["status"], completed=done, total=total, told=_told(detail["progress"])
        )

    def say(self, line: str) -> None:
        """Print one line above the bar."""
        self._progress.console.print(Text(printable(line)), soft_wrap=True)


@contextmanager
def task_screen(console: Console) -> Iterator[TaskScreen]:
    """Show a task on ``console`` for as long as the context lasts; the bar is gone afterwards."""
    progress = Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(bar_width=None),
        TextColumn("{task.fields[told]}"),
        TimeElapsedColumn(),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )
    with progress:
        yield TaskScreen(progress, progress.add_task("starting", total=None, told=""))


def _extent(detail: Detail) -> tuple[float, float | None]:
    """Return what is done and what there is to do, in bytes, or in files where no bytes move."""
    told = detail["progress"]
    if detail["status"] == "completed":
        return 1, 1
    for kind in ("bytes", "files"):
        if told and told[f"{kind}_total"]:
            return told[f"{kind}_done"], told[f"{kind}_total"]
    return 0, None


def _told(progress: Detail | None) -> str:
    if not progress:
        return ""
    parts = [f"{progress['files_done']} of {progress['files_total']} files"]
    if progress["bytes_total"]:
        parts.insert(0, f"{decimal(progress['bytes_done'])} of {decimal(progress['bytes_total'])}")
    if progress["rate_bps"]:
        parts.append(f"{decimal(int(progress['rate_bps']))}/s")
    if progress["eta_s"] is not None:
        parts.append(f"{progress['eta_s']:.0f} s left")
    return ", ".join(parts)
