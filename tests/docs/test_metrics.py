"""The page on metrics names all of them, and all that their labels may be."""

from adapters.metrics.series import OTHER
from adapters.redis.faults import KINDS
from application.meter import RetryReason, SubmitResult
from tests.docs.markdown import DOCS, quoted, table
from tests.docs.metrics_table import PAGE, wanted_table, written_table


def test_the_table_is_that_of_the_catalogue() -> None:
    assert written_table(PAGE.read_text()) == wanted_table()


def test_every_value_of_a_label_is_explained() -> None:
    rows = {quoted(label)[0]: set(quoted(values)) for label, values in table(DOCS / "operations.md", "label")}
    labels = {label for row in table(PAGE, "metric") for label in quoted(row[2])}
    assert rows.keys() == labels
    assert rows["result"] == set(SubmitResult)
    assert rows["reason"] == set(RetryReason)
    assert rows["kind"] == KINDS
    assert OTHER in rows["service"] & rows["method"]
