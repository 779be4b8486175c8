"""What all explorations share."""

import gc
from collections.abc import Iterator

import pytest


@pytest.fixture(autouse=True, scope="package")
def _quick_collections() -> Iterator[None]:
    """Thousands of short worlds are made and dropped here; what the test run holds need not be looked at each time."""
    gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()
