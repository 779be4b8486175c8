"""Log lines, those without a readable time included."""

from __future__ import annotations

from hypothesis import strategies as st

from domain.testing.moments import instant_texts

_MESSAGES = ("Dispatching to scheduler", "Scheduler acknowledged submission", "x", "y, and z", "")


def timed_lines() -> st.SearchStrategy[str]:
    """Lines of the contract's form, ``<ISO 8601 time with offset>,<message>``.

    Example: ``"2026-03-12T10:00:00+09:00,Dispatching to scheduler"``.
    """
    messages = st.sampled_from(_MESSAGES) | st.text(max_size=20)
    return st.builds(lambda time, message: f"{time},{message}", instant_texts(), messages)


def unparsable_lines() -> st.SearchStrategy[str]:
    """Lines that name no moment: they belong behind the line before them.

    Example: ``'  File "worker.py", line 3'``, ``"2026-03-12T10:00:00,no offset"``, ``""``.
    """
    known = (
        "",
        ",",
        "no comma",
        '  File "worker.py", line 3',
        "2026-03-12T10:00:00,no offset",
        "2026-03-12T10:00:00+09:00",
        "2026-13-45T10:00:00+09:00,no such day",
        "2026-03-12T10:00:00,123456+09:00,a comma in the fraction",
    )
    letters = st.text("abc ,", max_size=5)
    return st.sampled_from(known) | letters


def log_lines() -> st.SearchStrategy[str]:
    """Any line; most have a time.

    Example: see :func:`timed_lines` and :func:`unparsable_lines`.
    """
    return st.one_of(timed_lines(), timed_lines(), unparsable_lines())


def logs(max_size: int = 8) -> st.SearchStrategy[tuple[str, ...]]:
    """The lines of a record in any order; equal ones may come twice.

    Example: ``("2026-03-12T10:00:00+09:00,x", "Traceback")``.
    """
    return st.lists(log_lines(), max_size=max_size).map(tuple)
