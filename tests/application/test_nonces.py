"""Nonces for many leases at once."""

import re

from hypothesis import given
from hypothesis import strategies as st

from adapters.system import SystemEntropy
from application.nonces import fresh_nonces


@given(st.integers(0, 300))
def test_no_two_are_equal_in_one_call_or_in_two(count: int) -> None:
    entropy = SystemEntropy()
    nonces = [*fresh_nonces(count, entropy), *fresh_nonces(count, entropy)]
    assert len(set(nonces)) == len(nonces) == 2 * count


def test_the_scripts_can_read_them() -> None:
    """The last six digits are the random step of the ledger's version (scripts/queue.lua)."""
    first, second = fresh_nonces(2, SystemEntropy())
    assert re.fullmatch("[0-9a-f]{20}", first)
    assert first[-16:] == second[-16:]
