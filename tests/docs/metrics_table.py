"""The table of metrics in docs/operations.md, from the catalogue. `python -m tests.docs.metrics_table` writes it."""

from __future__ import annotations

from adapters.metrics.catalogue import METRICS, Metric
from tests.docs.markdown import DOCS

PAGE = DOCS / "operations.md"
BEGIN = "<!-- metrics: compared with adapters.metrics.catalogue by tests/docs/test_metrics.py -->\n"
END = "<!-- /metrics -->\n"


def wanted_table() -> str:
    """Return the table in Markdown."""
    return "".join(
        f"{line}\n" for line in ("| metric | kind | labels | tells |", "|---|---|---|---|", *map(_row, METRICS))
    )


def written_table(page: str) -> str:
    """Return what stands between the two marks."""
    return page.partition(BEGIN)[2].partition(END)[0]


def _row(metric: Metric) -> str:
    labels = ", ".join(f"`{label}`" for label in metric.labels)
    return f"| `{metric.name}` | {metric.kind} | {labels} | {metric.help} |"


if __name__ == "__main__":
    text = PAGE.read_text()
    PAGE.write_text(text.replace(f"{BEGIN}{written_table(text)}{END}", f"{BEGIN}{wanted_table()}{END}"))
