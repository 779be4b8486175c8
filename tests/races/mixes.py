"""Users who keep changing their minds."""

from __future__ import annotations

from collections.abc import Awaitable

from tests.frontend.standin import Frontend, create_and_cancel, create_and_delete, create_only


def a_wild_mix(frontend: Frontend, number: int) -> Awaitable[str]:
    """A third of the users cancels, a third deletes."""
    return (create_only, create_and_cancel, create_and_delete)[number % 3](frontend, number)
