"""Spreading the profile's examples over the parameters of a test."""

from hypothesis import settings


def share(parts: int) -> settings:
    """Give each of ``parts`` variants of a test its part of the examples that the profile allows for one."""
    return settings(max_examples=max(10, settings().max_examples // parts))
