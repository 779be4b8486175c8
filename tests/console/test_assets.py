"""The files that pages load."""

from __future__ import annotations

from hashlib import sha256

import pytest

from entrypoints.console.controllers.assets import MEDIA_TYPES
from tests.http.service import Service

HTMX = "d6fdc75f204e6bdefa99b69bf1e6d4ac69b8a364f77929f45c13476b4000f717"
"""Of the file that the npm package htmx.org 2.0.11 has."""


async def test_htmx_is_what_its_authors_published(memory_service: Service) -> None:
    answer = await memory_service.client.get("/console/static/htmx.min.js")
    assert sha256(answer.content).hexdigest() == HTMX


@pytest.mark.parametrize("name", MEDIA_TYPES)
async def test_files_have_their_types(memory_service: Service, name: str) -> None:
    answer = await memory_service.client.get(f"/console/static/{name}")
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].partition(";")[0] == MEDIA_TYPES[name]


@pytest.mark.parametrize("name", ["../pages.py", "..%2Fpages.py", "base.html", "__init__.py"])
async def test_other_files_are_not_served(memory_service: Service, name: str) -> None:
    assert (await memory_service.client.get(f"/console/static/{name}")).status_code == 404
