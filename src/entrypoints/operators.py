"""Who the operators are: their names and tokens, from the settings and from a file."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from domain.operators import SHARED_NAME
from entrypoints.settings import DEFAULT_TOKEN, Settings, SettingsError

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
    try:
        return _with_those_of(_read(path), shared)
    except (OSError, UnicodeDecodeError, ValueError) as error:
        # `from None`: the text of a file that is no such file may be a secret too.
        reason = error.strerror if isinstance(error, OSError) else _words(error)
        raise SettingsError(f"DMS_OPERATOR_TOKENS_FILE={path!a}: {reason}") from None


def _read(path: str) -> str:
    with Path(path).open("rb") as file:
        content = file.read(LARGEST_FILE + 1)
    if len(content) > LARGEST_FILE:
        raise ValueError(f"it is larger than {LARGEST_FILE} bytes")
    return content.decode()


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
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        match = _LINE.fullmatch(line.strip())
        if match is None:
            raise ValueError(
                f"line {number}: accepted is name:token, the name of letters, digits and . _ @ -, the token of "
                "printable ASCII characters without spaces; or a comment after #"
            )
        yield number, match[1], match[2]


def _words(error: ValueError) -> str:
    return "it is not UTF-8 text" if isinstance(error, UnicodeDecodeError) else str(error)
