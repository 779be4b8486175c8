"""The settings of webhooks: who is told that a task has ended."""

# ruff: noqa: RUF009 (`variable` returns a dataclass field)

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from domain.notifications import DEFAULT_ROUTE
from entrypoints.settings.kinds import Kind, switch, text
from entrypoints.settings.maps import Pairs
from entrypoints.settings.service import ServiceSettings
from entrypoints.settings.variables import variable

MOST_RECEIVERS = 20
"""Each costs a replica a look at Redis every second, and has its own series in the metrics."""

LONGEST_URL = 2000

_NAMED = re.compile(r"([A-Za-z0-9_.-]{1,64})=(.*)")


def _receivers(given: str) -> Pairs:
    pairs = [_receiver(item) for item in given.split(",")]
    if len({route for route, _ in pairs}) < len(pairs) or len(pairs) > MOST_RECEIVERS:
        raise ValueError
    return tuple(pairs)


def _receiver(item: str) -> tuple[str, str]:
    named = _NAMED.fullmatch(item)
    route, url = (named[1], named[2]) if named else (DEFAULT_ROUTE, item)
    parts = urlsplit(url)
    if not (url.isascii() and url.isprintable()) or " " in url or len(url) > LONGEST_URL:
        raise ValueError
    # `.port` raises ValueError for what is no port.
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.port == 0:
        raise ValueError
    if "@" in parts.netloc or "#" in url or "\\" in url:
        raise ValueError
    return route, url


def receivers() -> Kind[Pairs]:
    """A URL for every service, URLs for named ones, or both: pairs of a route and its URL."""
    return Kind(
        "an http or https URL for every service, named ones, or both, such as https://a.example/hook or "
        f"sync=https://a.example/hook,rm=https://b.example/hook, {MOST_RECEIVERS} at the most; without user, password, "
        "fragment or comma in a URL (%2C)",
        _receivers,
        lambda pairs: ",".join(url if route == DEFAULT_ROUTE else f"{route}={url}" for route, url in pairs),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookSettings(ServiceSettings):
    """Nothing is sent, written or looked for where no receiver is named."""

    webhooks: Pairs = variable(
        "DMS_WEBHOOKS",
        receivers(),
        (),
        "Where to tell that a task has ended ([webhooks](docs/webhooks.md)): a URL for every service, named ones "
        "(`sync=https://a.example/hook,rm=https://b.example/hook`), or both.",
        shown="none",
        secret=True,  # the path of a receiver's URL is often what lets one in
    )
    webhook_secret_file: str = variable(
        "DMS_WEBHOOK_SECRET_FILE",
        text(),
        "",
        "A file with the secret that webhooks are signed with: `whsec_` and 24 to 64 random bytes in base64. Each "
        "further line is one more, for a change of secrets. `DMS_WEBHOOKS` needs it.",
        shown="none",
    )
    webhook_allow_private: bool = variable(
        "DMS_WEBHOOK_ALLOW_PRIVATE",
        switch(),
        False,
        "`on`: webhooks may go to private, loopback and other addresses that are not the internet's.",
    )
