"""An operator at the console, as a browser without scripts would show it."""

from __future__ import annotations

import re
from dataclasses import dataclass

import httpx

from tests.http.service import TOKEN, Service

HIDDEN = re.compile(r'name="form_token" value="([0-9a-f]{64})"')


@dataclass(frozen=True, slots=True)
class Operator:
    """Keeps the session's cookie, and sends the forms of the pages that it was shown."""

    service: Service

    async def log_in(self, token: str = TOKEN) -> httpx.Response:
        """Send the login form."""
        return await self.service.client.post("/console/login", data={"token": token})

    async def see(self, path: str = "", **options: str) -> str:
        """Return a page, which must be there."""
        answer = await self.service.client.get(f"/console{path}", headers=options)
        assert answer.status_code == 200, answer.text
        return answer.text

    async def form_token(self) -> str:
        """Return what the forms of this session carry."""
        found = HIDDEN.search(await self.see())
        assert found
        return found[1]

    async def send(self, path: str, **fields: str) -> httpx.Response:
        """Send a form, and return the answer without following it."""
        data = {"form_token": await self.form_token(), **fields}
        return await self.service.client.post(f"/console{path}", data=data)
