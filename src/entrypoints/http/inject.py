"""Dependencies of handlers, straight from the application's container.

dishka's own integration opens a container per request. Everything that our handlers need lives as long as the
application, so here they are looked up in its container and a request costs nothing more.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from inspect import Parameter, signature
from typing import Any, ParamSpec, TypeVar, cast

from dishka import AsyncContainer
from dishka.integrations.base import wrap_injection
from litestar import Litestar, Request

P = ParamSpec("P")
T = TypeVar("T")

_REQUEST = "request"
_CONTAINER = "dishka_container"


def set_container(app: Litestar, container: AsyncContainer) -> None:
    """Let the handlers of ``app`` take their dependencies from ``container``."""
    app.state[_CONTAINER] = container


def container_of(app: Litestar) -> AsyncContainer:
    """Return the container of :func:`set_container`."""
    return cast(AsyncContainer, app.state[_CONTAINER])


def inject(handler: Callable[P, Awaitable[T]]) -> Callable[P, Awaitable[T]]:
    """Give a handler what its parameters mark with ``FromDishka``."""
    takes_request = _REQUEST in signature(handler).parameters
    request = Parameter(_REQUEST, Parameter.KEYWORD_ONLY, annotation=Request[Any, Any, Any])
    return wrap_injection(
        func=handler,
        is_async=True,
        additional_params=[] if takes_request else [request],
        container_getter=lambda _, kwargs: container_of(kwargs[_REQUEST].app),
    )
