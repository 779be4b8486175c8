"""How a command of `admin` reaches the service: options that all of them have."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated
from urllib.parse import SplitResult, urlsplit

from cyclopts import Parameter

from entrypoints.cli.admin.client import AdminClient
from entrypoints.cli.problems import Misuse

DEFAULT_URL = "http://127.0.0.1:9000"
URL_VARIABLE = "DMS_URL"
TOKEN_VARIABLE = "DMS_OPERATOR_TOKEN"
LONGEST_TOKEN_FILE = 65_536
"""Bytes. What is longer was named by mistake."""


@Parameter(name="*", group="Service")
@dataclass(frozen=True, slots=True)
class Access:
    """Where the service is, who asks, and in which form the answer is printed."""

    url: Annotated[str | None, Parameter(help=f"The service. Default: {URL_VARIABLE}, or {DEFAULT_URL}.")] = None
    token_file: Annotated[
        Path | None, Parameter(help=f"A file that holds the token. Default: the token in {TOKEN_VARIABLE}.")
    ] = None
    json: Annotated[
        bool, Parameter(negative="", show_default=False, help="Print JSON, for programs, instead of text.")
    ] = False

    def client(self, environ: Mapping[str, str] = os.environ) -> AdminClient:
        """Return a client of the service. Raises :class:`~entrypoints.cli.problems.Misuse`."""
        return AdminClient(_address(self.url or environ.get(URL_VARIABLE) or DEFAULT_URL), self._token(environ))

    def _token(self, environ: Mapping[str, str]) -> str:
        token = environ.get(TOKEN_VARIABLE, "") if self.token_file is None else _first_line(self.token_file)
        if not token:
            raise Misuse(f"the operators' token is missing: put it into {TOKEN_VARIABLE}, or name its --token-file")
        if not (token.isascii() and token.isprintable()) or " " in token:
            raise Misuse("the operators' token can only have printable ASCII characters without spaces")
        return token


EVERYWHERE = Access()
"""What holds where no option is given."""


def _address(url: str) -> SplitResult:
    parts = urlsplit(url)
    try:
        is_usable = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_usable = False
    if not is_usable or parts.username is not None or not url.isascii() or not url.isprintable() or " " in url:
        raise Misuse("the service's address must be a URL such as http://dms-scheduler:9000, without user or password")
    return parts


def _first_line(path: Path) -> str:
    try:
        with path.open("rb") as file:
            text = file.read(LONGEST_TOKEN_FILE).decode()
    except (OSError, UnicodeDecodeError) as error:
        raise Misuse(f"the token file {str(path)!a} cannot be read: {error}") from None
    return text.strip().partition("\n")[0].strip()
