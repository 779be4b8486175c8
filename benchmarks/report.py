"""How results are shown: a table for people, one line of JSON for programs."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from rich.console import Console
from rich.table import Table

WIDTH_WITHOUT_TERMINAL = 120


def show_table(title: str, headings: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Print a table; numbers stand at the right."""
    table = Table()
    for heading, cell in zip(headings, rows[0], strict=True):
        table.add_column(heading, justify="right" if isinstance(cell, int | float) else "left")
    for row in rows:
        table.add_row(*(f"{cell:.2f}" if isinstance(cell, float) else str(cell) for cell in row))
    print(title)
    console = Console()
    (console if console.is_terminal else Console(width=WIDTH_WITHOUT_TERMINAL)).print(table)


def show_json(result: Mapping[str, object]) -> None:
    """Print the result as one line."""
    print(json.dumps(result), flush=True)
