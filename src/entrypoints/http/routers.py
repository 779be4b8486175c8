"""Routers of this service."""

from __future__ import annotations

from litestar import Router


class OwnRouter(Router):
    """A router that is made for one application only, which takes it as it is.

    Litestar registers a deep copy, so that one router may serve several applications. To copy all that it has made of
    our handlers by then takes a fifth of the time in which an application is made.
    """

    def __deepcopy__(self, memo: dict[int, object]) -> OwnRouter:
        return self
