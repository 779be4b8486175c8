"""How many orders each scenario has: the table beside this file, which `python -m tests.explorer` writes anew."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

TABLE = Path(__file__).with_name("interleavings.txt")


def interleavings() -> dict[str, int]:
    """Read the table."""
    rows = (line.rsplit(": ", 1) for line in TABLE.read_text().splitlines())
    return {name: int(count) for name, count in rows}


def write(counts: Mapping[str, int]) -> None:
    """Write the table."""
    TABLE.write_text("".join(f"{name}: {count}\n" for name, count in counts.items()))
