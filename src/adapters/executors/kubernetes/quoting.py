"""Values in templates: each stands alone as one YAML scalar, or a flow list or mapping of such, and cannot break out.

A value is printed between two marks, which :func:`unmark` takes off again once the YAML was read. A value that did not
stay a scalar of its own, because a template put it inside a longer string, is found by them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from jinja2 import Undefined

from adapters.executors.kubernetes.problems import UnfitValue

OPENED, CLOSED = "\U0010fffc", "\U0010fffd"
"""Private-use characters, which no value may hold."""

_EXPANDED = frozenset({"command", "args", "value"})
"""Fields of a container in which Kubernetes replaces ``$(NAME)``, and ``$$`` by ``$``."""


def quoted(value: object) -> str:
    """Return a value as flow YAML on one line. For Jinja2's ``finalize``."""
    if isinstance(value, Undefined):
        return str(value)  # raises, and says what is missing
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, str):
        return f'"{OPENED}{"".join(map(_escaped, value))}{CLOSED}"'
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{quoted(str(key))}: {quoted(each)}" for key, each in value.items()) + "}"
    if isinstance(value, Sequence):
        return "[" + ", ".join(map(quoted, value)) + "]"
    raise UnfitValue(f"a template printed a {type(value).__name__}, which is no value")


def check_text(name: str, text: str) -> None:
    """Raise :class:`UnfitValue` for text that no object on a cluster can hold."""
    for character in text:
        if character == "\0" or "\ud800" <= character <= "\udfff" or character in (OPENED, CLOSED):
            raise UnfitValue(f"{name} holds a character that cannot be sent to a cluster: {character!r}")


def unmark(document: object, *, expanded: bool = False) -> object:
    """Return the document without marks, and with ``$`` kept literal where Kubernetes would expand it.

    Raises:
        UnfitValue: a value is only part of a string.
    """
    if isinstance(document, str):
        return _unmarked(document, expanded)
    if isinstance(document, list):
        return [unmark(each, expanded=expanded) for each in document]
    if isinstance(document, dict):
        return {_unmarked(str(key), False): unmark(each, expanded=key in _EXPANDED) for key, each in document.items()}
    return document


def _unmarked(text: str, expanded: bool) -> str:
    if OPENED not in text and CLOSED not in text:
        return text
    inner = text[1:-1]
    if text[0] != OPENED or text[-1] != CLOSED or OPENED in inner or CLOSED in inner:
        shown = text.replace(OPENED, "{{ ").replace(CLOSED, " }}")
        raise UnfitValue(
            f"a value stands inside a longer string ({shown[:120]!r}): let it be a scalar of its own, as in args",
            near=next(line for line in text.splitlines() if OPENED in line or CLOSED in line).strip(),
        )
    return inner.replace("$", "$$") if expanded else inner


def _escaped(character: str) -> str:
    if character in '"\\':
        return f"\\{character}"
    if character == " " or character.isprintable():
        return character
    return f"\\U{ord(character):08x}"


def texts(value: object) -> Iterator[str]:
    """Yield every text in a value, keys too."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for key, each in value.items():
            yield from texts(key)
            yield from texts(each)
    elif isinstance(value, Sequence):
        for each in value:
            yield from texts(each)
