"""The API's page lists every kind of failure."""

from domain.failures import FailureKind
from tests.docs.markdown import DOCS, quoted, table


def test_every_kind_of_failure_is_explained() -> None:
    rows = [row for row in table(DOCS / "api.md", "kind") if len(row) == 2]
    assert [name for row in rows for name in quoted(row[0])] == list(FailureKind)
