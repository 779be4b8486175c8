"""Who and what a task is: ids, services, users, incarnations, leases, traces."""

from __future__ import annotations

from hypothesis import strategies as st

from domain.testing.moments import instant_texts
from domain.values import Incarnation, Lease, Priority

SERVICES = ("sync", "cp", "rm", "hotcold", "chmod")
"""The services in use today (contract §6)."""

USERS = ("alice", "bob", "carol", "dave")
"""Few, so that the tasks of one user meet."""


def task_ids() -> st.SearchStrategy[str]:
    """Ids as the frontend gives them.

    Example: ``"1"``, ``"10"``, ``"18446744073709551615"``.
    """
    return st.integers(0, 2**64 - 1).map(str)


def hostile_task_ids() -> st.SearchStrategy[str]:
    r"""Texts that must never become part of a Redis key (contract §1).

    Example: ``"id:sequence"``, ``"10:metadata"``, ``""``, ``"10\n"``, ``"٣"``, 1 MB of digits.
    """
    known = (
        "",
        "id:sequence",
        "10:metadata",
        "10\n",
        "\n10",
        "10\0",
        " 10",
        "10 ",
        "+1",
        "-1",
        "1.0",
        "1_0",
        "0x1",
        "007",
        "00",
        "٣",
        "1٣",
        "\uff11",
        "²",
        "*",
        "1" * 21,
        "9" * 1_000_000,
    )
    invented = st.text(max_size=30).filter(lambda text: not (text.isascii() and text.isdigit()))
    return st.sampled_from(known) | invented


def services() -> st.SearchStrategy[str]:
    """Names of services, most of them in use today.

    Example: ``"sync"``.
    """
    return st.sampled_from(SERVICES) | st.text("abcdefgh-", min_size=1, max_size=12)


def users() -> st.SearchStrategy[str]:
    """Accounts; some with characters that a key, a log line or a page may stumble over.

    Example: ``"alice"``, ``"kim:admin"``, ``"이하나"``.
    """
    return st.sampled_from(USERS) | st.text(min_size=1, max_size=12) | st.sampled_from(("kim:admin", "a,b", "이하나"))


def priorities() -> st.SearchStrategy[Priority]:
    """Example: ``Priority.HIGH``."""
    return st.sampled_from(Priority)


def incarnations() -> st.SearchStrategy[Incarnation]:
    """Identities of registered tasks; ``created_at`` is empty or no time now and then.

    Example: ``Incarnation("sync", "alice", "2026-03-12T10:00:00+09:00")``.
    """
    created_at = st.one_of(instant_texts(), instant_texts(), st.sampled_from(("", "yesterday")))
    return st.builds(Incarnation, services(), users(), created_at)


def leases() -> st.SearchStrategy[Lease]:
    """Leases, a nonce each that hardly any other has.

    Example: ``Lease("replica-2", 7, "c0ffee")``.
    """
    owners = st.sampled_from(("replica-1", "replica-2", "replica-3"))
    nonces = st.integers(0, 2**64 - 1).map(lambda number: f"{number:016x}")
    return st.builds(Lease, owners, st.integers(1, 1_000), nonces)


def traceparents() -> st.SearchStrategy[str]:
    """Places in traces, as the domain keeps them.

    Example: ``"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"``.
    """
    trace_ids = st.integers(1, 2**128 - 1).map(lambda number: f"{number:032x}")
    parent_ids = st.integers(1, 2**64 - 1).map(lambda number: f"{number:016x}")
    return st.builds("00-{}-{}-{}".format, trace_ids, parent_ids, st.sampled_from(("00", "01", "02", "03")))
