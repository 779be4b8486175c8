"""Printing answers: tables for people, JSON for programs. Nothing in them can move the cursor of a terminal."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from rich import box
from rich.console import Console
from rich.filesize import decimal
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from entrypoints.cli.text import one_line

WIDTH_WITHOUT_TERMINAL = 160

UNNAMED = "-"
"""For what is not there."""


def console() -> Console:
    """Return where text goes; wide enough for tables where it is no terminal."""
    terminal = Console(highlight=False)
    return terminal if terminal.is_terminal else Console(highlight=False, width=WIDTH_WITHOUT_TERMINAL)


def print_json(document: object) -> None:
    """Print a document in ASCII, which no terminal takes for anything else."""
    print(json.dumps(document, indent=2))


def cell(value: object, style: str = "") -> Text:
    """Return a value as part of a table."""
    return Text(UNNAMED if value in (None, "") else one_line(str(value)), style)


def table(columns: Sequence[str], rows: Iterable[Sequence[object]], title: str | None = None) -> Table:
    """Return a plain table."""
    made = Table(*columns, box=box.SIMPLE_HEAD, title=title, title_justify="left", pad_edge=False)
    for row in rows:
        made.add_row(*(value if isinstance(value, Text | ProgressBar) else cell(value) for value in row))
    return made


def pairs(facts: Iterable[tuple[str, object]]) -> Table:
    """Return names and values below one another."""
    made = Table.grid(padding=(0, 2))
    for name, value in facts:
        made.add_row(Text(name, "bold"), cell(value))
    return made


def moment(given: str | None) -> str:
    """Return a time as people read it, to the second, with the offset that the service gave it."""
    if not given:
        return UNNAMED
    return datetime.fromisoformat(given).isoformat(sep=" ", timespec="seconds")


def extent(progress: Mapping[str, Any] | None) -> str:
    """Return how much of a task's work is done."""
    if not progress:
        return UNNAMED
    if progress["bytes_total"]:
        return f"{decimal(progress['bytes_done'])} of {decimal(progress['bytes_total'])}"
    return f"{progress['files_done']} of {progress['files_total']} files"


def fraction(progress: Mapping[str, Any] | None) -> float | None:
    """Return the part that is done, from 0 to 1; None where it is not known yet."""
    for kind in ("bytes", "files"):
        if progress and progress[f"{kind}_total"]:
            return min(1.0, float(progress[f"{kind}_done"]) / float(progress[f"{kind}_total"]))
    return None


def rate(progress: Mapping[str, Any] | None) -> str:
    """Return how fast the work is."""
    return f"{decimal(int(progress['rate_bps']))}/s" if progress and progress["rate_bps"] else UNNAMED


def time_left(progress: Mapping[str, Any] | None) -> str:
    """Return how long the work may still take."""
    if not progress or progress["eta_s"] is None:
        return UNNAMED
    return str(timedelta(seconds=round(progress["eta_s"])))
