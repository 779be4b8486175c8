"""Reading the project's pages as a test does."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
README = ROOT / "README.md"
DOCS = ROOT / "docs"

_FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\]\(([^)\s]+)\)")
_TICKS = re.compile(r"`([^`]*)`")


def pages() -> list[Path]:
    """Every page that people read."""
    return [README, ROOT / "CHANGELOG.md", *sorted(DOCS.rglob("*.md"))]


def blocks(page: Path, language: str) -> list[str]:
    """The code blocks of one language, in order."""
    return [body for found, body in _FENCE.findall(page.read_text()) if found == language]


def links(page: Path) -> Iterator[str]:
    """Where the page's links lead."""
    yield from _LINK.findall(_FENCE.sub("", page.read_text()))


def table(page: Path, first_heading: str) -> list[list[str]]:
    """The rows of every table whose header begins with this column, headers left out."""
    rows: list[list[str]] = []
    inside = False
    for line in page.read_text().splitlines():
        if line.startswith(f"| {first_heading} |"):
            inside = True
        elif not line.startswith("|"):
            inside = False
        elif inside and not line.startswith("|---"):
            rows.append([cell.strip() for cell in line.strip("|").split("|")])
    return rows


def quoted(cell: str) -> list[str]:
    """What stands in backticks."""
    return _TICKS.findall(cell)
