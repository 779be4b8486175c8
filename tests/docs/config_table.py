"""The README's configuration table, as the settings say it. `python -m tests.docs.config_table` writes it."""

from __future__ import annotations

from pathlib import Path

from entrypoints.settings import settings_table

README = Path(__file__).parents[2] / "README.md"
BEGIN = "<!-- settings: compared with entrypoints.settings by tests/docs/test_readme.py -->\n"
END = "<!-- /settings -->\n"


def wanted_table() -> str:
    """Return the table in Markdown."""
    lines = ["| variable | default | meaning |", "|---|---|---|"]
    lines += [f"| `{row.name}` | {_default(row.default)} | {row.meaning} |" for row in settings_table()]
    return "\n".join(lines) + "\n"


def written_table(readme: str) -> str:
    """Return what stands between the two marks."""
    return readme.partition(BEGIN)[2].partition(END)[0]


def _default(shown: str) -> str:
    is_prose = "`" in shown or " " in shown or shown == "none"
    return shown if is_prose else f"`{shown}`"


if __name__ == "__main__":
    text = README.read_text()
    README.write_text(text.replace(f"{BEGIN}{written_table(text)}{END}", f"{BEGIN}{wanted_table()}{END}"))
