"""What the API documentation says of the whole API."""

from __future__ import annotations

from dataclasses import dataclass

from litestar import Router
from litestar.enums import MediaType
from litestar.openapi.config import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.openapi.spec import Components, Operation, RequestBody, SecurityScheme, Tag
from litestar.routes import BaseRoute
from litestar.types import ControllerRouterHandler

from entrypoints.http.guard import TOKEN_HEADER
from entrypoints.version import VERSION

OPERATOR_SECURITY: list[dict[str, list[str]]] = [{"operatorToken": []}]

DESCRIPTION = """\
Runs the data-management tasks that users submit through dms-frontend.

* Every error has the same shape: `status_code`, `detail` (what was wrong and what to do), and sometimes `extra`.
* Bodies are JSON, declared as `Content-Type: application/json`, of at most 1 MiB, nested at most 128 levels deep, and
  without a name twice in one object. Fields that are not described here are ignored.
* Every answer carries `X-Request-ID`: yours, if you sent a sane one, else a new one. The service's log has it too.
* Submits, cancels and changes are safe to repeat. While the store is away they wait up to 8 seconds, then answer 503.
"""


@dataclass
class OptionalBody(Operation):
    """An operation whose body may be left out; Litestar documents every body as required."""

    def __post_init__(self) -> None:
        if isinstance(self.request_body, RequestBody):
            self.request_body.required = False


class DocumentRouter(Router):
    """Litestar puts HTML pages for unknown paths beside the document; errors here have one shape, and it is JSON."""

    def register(self, value: ControllerRouterHandler) -> list[BaseRoute]:
        """Take the document itself only."""
        return super().register(value) if getattr(value, "paths", None) == {"/"} else []


def openapi_config() -> OpenAPIConfig:
    """Return what Litestar needs to make the document."""
    return OpenAPIConfig(
        title="DMS Scheduler",
        version=VERSION,
        description=DESCRIPTION,
        use_handler_docstrings=True,
        tags=[
            Tag("tasks", "What dms-frontend calls."),
            Tag("operators", f"Needs the operators' token in the header `{TOKEN_HEADER}`."),
            Tag("service", "Health, readiness and help."),
        ],
        components=Components(
            security_schemes={
                "operatorToken": SecurityScheme(type="apiKey", name=TOKEN_HEADER, security_scheme_in="header")
            }
        ),
        openapi_router=DocumentRouter("/openapi.json", route_handlers=[], include_in_schema=False),
        render_plugins=[JsonRenderPlugin(path="/", media_type=MediaType.JSON)],
    )
