"""Files of secrets that settings name: read within bounds, and told of without a word of what is in them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

from entrypoints.settings import SettingsError

T = TypeVar("T")


def read_secrets(setting: str, path: str, most_bytes: int, parse: Callable[[str], T]) -> T:
    """Return what ``parse`` makes of a file's text; the ValueError that it may raise tells nothing of a secret.

    Raises:
        SettingsError: the file cannot be used. It names the setting, the path and the reason.
    """
    try:
        return parse(_text(path, most_bytes))
    except (OSError, ValueError) as error:
        # `from None`: the text of a file that is no such file may be a secret too.
        raise SettingsError(f"{setting}={path!a}: {_words(error)}") from None


def numbered_lines(text: str) -> Iterator[tuple[int, str]]:
    """Yield the lines that are neither empty nor comments, without the white space around them, and their numbers."""
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip() and not line.startswith("#"):
            yield number, line.strip()


def _text(path: str, most_bytes: int) -> str:
    with Path(path).open("rb") as file:
        content = file.read(most_bytes + 1)
    if len(content) > most_bytes:
        raise ValueError(f"it is larger than {most_bytes} bytes")
    return content.decode()


def _words(error: OSError | ValueError) -> str | None:
    if isinstance(error, OSError):
        return error.strerror
    return "it is not UTF-8 text" if isinstance(error, UnicodeDecodeError) else str(error)
