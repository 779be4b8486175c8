"""The guide, whose blocks of output are written by a program and never by hand."""

from __future__ import annotations

import re

from tests.docs.markdown import DOCS

GUIDE = DOCS / "operators-guide.md"

_BLOCK = "<!-- shown: {name} -->\n```text\n"
_END = "```\n"


def shown(text: str, name: str) -> str:
    """Return what the page shows under this name. Raises ValueError where it has no such block."""
    begin = text.index(_BLOCK.format(name=name)) + len(_BLOCK.format(name=name))
    return text[begin : text.index(_END, begin)]


def replaced(text: str, name: str, output: str) -> str:
    """Return the page with this output in that block. Raises ValueError."""
    block = _BLOCK.format(name=name)
    return text.replace(f"{block}{shown(text, name)}{_END}", f"{block}{tidy(output)}{_END}")


def tidy(output: str) -> str:
    """Return a program's output without blanks at the ends of lines, and empty lines around it."""
    lines = [line.rstrip() for line in output.splitlines()]
    return re.sub(r"\n{2,}", "\n\n", "\n".join(lines)).strip("\n") + "\n"
