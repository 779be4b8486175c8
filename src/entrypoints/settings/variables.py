"""One environment variable: the single place that says its name, its default and its meaning."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from typing import Any, TypeVar

from entrypoints.settings.kinds import Kind, hide_password
from entrypoints.settings.values import SettingsError

T = TypeVar("T")

_KEY = "variable"
LONGEST_SHOWN = 200


@dataclass(frozen=True, slots=True)
class Variable:
    """What a field of the settings is read from."""

    name: str
    kind: Kind[Any]
    meaning: str
    default: str
    """As the table shows it."""
    secret: bool
    """Nothing of its value may be shown."""

    def read(self, given: str) -> object:
        """Return the value of a text. Raises :class:`SettingsError`."""
        try:
            return self.kind.parse(given)
        except ValueError:
            # `from None`: the cause may hold a password.
            raise SettingsError(f"{self.name}={self._shown(given)}: accepted is {self.kind.accepted}") from None

    def _shown(self, given: str) -> str:
        if self.secret:
            return "(not shown)"
        shown = hide_password(given) if self.name.endswith("_URL") else given
        return ascii(shown[:LONGEST_SHOWN])


def variable(
    name: str, kind: Kind[T], default: T, meaning: str, *, shown: str | None = None, secret: bool = False
) -> T:
    """A field of the settings that is read from the environment variable ``name``.

    ``shown`` is the default for people, where the value itself would not tell them enough. ``secret`` keeps a value out
    of every ``repr`` and message.
    """
    described = Variable(name, kind, meaning, kind.show(default) if shown is None else shown, secret)
    keep_quiet = secret or name.endswith("_URL")
    return field(default=default, repr=not keep_quiet, metadata={_KEY: described})


def variables_of(settings: type[Any]) -> Iterator[tuple[str, Variable]]:
    """Yield the name of each field with the variable that it is read from."""
    for each in fields(settings):
        yield each.name, each.metadata[_KEY]
