"""What no log line may tell."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from urllib.parse import parse_qs, unquote, urlsplit

from entrypoints.operators import operator_tokens
from entrypoints.settings import DEFAULT_TOKEN, Settings
from entrypoints.webhooks import webhook_secrets

SHORTEST_SECRET = 4
"""A shorter one would hide ordinary words, and protects nothing."""

HIDDEN = "***"


class Secrets:
    """The passwords and the token of the settings, which no line may tell."""

    def __init__(self, settings: Settings) -> None:
        long_enough = {secret for secret in _secrets(settings) if len(secret) >= SHORTEST_SECRET}
        self._texts = _longest_first(long_enough)
        self._in_json = _longest_first({json.dumps(secret)[1:-1] for secret in long_enough})

    def hidden_in(self, text: str, *, is_json: bool = False) -> str:
        """Return ``text`` without them. In JSON they may stand escaped."""
        for secret in self._in_json if is_json else self._texts:
            if secret in text:
                text = text.replace(secret, HIDDEN)
        return text


def _longest_first(texts: Iterable[str]) -> Sequence[str]:
    return sorted(texts, key=len, reverse=True)


def _secrets(settings: Settings) -> Iterator[str]:
    yield from (token for token in operator_tokens(settings).values() if token != DEFAULT_TOKEN)
    if settings.webhooks:
        yield from webhook_secrets(settings)
    for url in (settings.redis_write_url, settings.redis_read_url):
        parts = urlsplit(url)
        for written in (parts.password, *parse_qs(parts.query).get("password", ())):
            if written:
                yield written
                yield unquote(written)
