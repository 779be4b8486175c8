"""Who the operators are: their names and tokens, from the settings and from a file."""

from __future__ import annotations

import re
from collections.abc import Iterator

from domain.operators import SHARED_NAME
from entrypoints.secret_files import numbered_lines, read_secrets
from entrypoints.settings import DEFAULT_TOKEN, Settings

LARGEST_FILE = 1024 * 1024
"""Bytes of a file of tokens."""

_LINE = re.compile(r"([A-Za-z0-9._@-]{1,64}):([!-~]{1,1024})")


def operator_tokens(settings: Settings) -> dict[str, str]:
    """Return the token of each operator, by name.

    Beside a file the shared token counts only where it is not the default, which everybody knows.

    Raises:
        SettingsError: the file cannot be used. No token is in its text.
    """
    path = settings.operator_tokens_file
    if not path:
        return {SHARED_NAME: settings.operator_token}
    shared = {} if settings.operator_token == DEFAULT_TOKEN else {SHARED_NAME: settings.operator_token}
    return read_secrets("DMS_OPERATOR_TOKENS_FILE", path, LARGEST_FILE, lambda text: _with_those_of(text, shared))


def _with_those_of(text: str, shared: dict[str, str]) -> dict[str, str]:
    tokens = dict(shared)
    for number, name, token in _entries(text):
        if name in tokens or name == SHARED_NAME:
            raise ValueError(f"line {number} names {name} again; use one line for each operator, and not {SHARED_NAME}")
        if token in tokens.values():
            raise ValueError(f"line {number} has the token of another operator; give each one of their own")
        tokens[name] = token
    if tokens == shared:
        raise ValueError("it names no operator; accepted are lines such as kim:token")
    return tokens


def _entries(text: str) -> Iterator[tuple[int, str, str]]:
    for number, line in numbered_lines(text):
        match = _LINE.fullmatch(line)
        if match is None:
            raise ValueError(
                f"line {number}: accepted is name:token, the name of letters, digits and . _ @ -, the token of "
                "printable ASCII characters without spaces; or a comment after #"
            )
        yield number, match[1], match[2]
