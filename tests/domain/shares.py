"""Spreading the examples of the profile over tests that look at the same things."""

from hypothesis import settings


def share(parts: int) -> settings:
    """Give a test a part of the examples that the profile allows: one of many variants or laws needs no more."""
    return settings(max_examples=max(10, settings().max_examples // parts))
