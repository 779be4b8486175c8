"""What the feed's entries say is what the domain tells of a commit."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from adapters.redis.feed_codec import FIELD, entries_of, feed_entry
from domain.feed import change_between
from domain.task import Task
from domain.testing import tasks


@given(before=st.none() | tasks(), after=tasks())
def test_an_entry_is_read_as_the_change_that_it_tells(before: Task | None, after: Task) -> None:
    written = feed_entry(before, after)
    told = [entry.change for entry in entries_of("history", [(b"1-0", {FIELD: written})] if written else [])]
    change = change_between(before, after)
    assert told == ([] if change is None else [change])


def test_nothing_is_told_where_no_ledger_is_written() -> None:
    assert feed_entry(None, None) == b""
