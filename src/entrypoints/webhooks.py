"""Whom to tell that tasks have ended, and with which secrets: from the settings and from a file."""

from __future__ import annotations

import logging
from ipaddress import ip_address
from urllib.parse import urlsplit

from adapters.webhooks import SendWebhook, Signer, is_public
from domain.ports import Clock
from entrypoints.secret_files import numbered_lines, read_secrets
from entrypoints.settings import Settings, SettingsError
from entrypoints.version import VERSION

log = logging.getLogger(__name__)

LARGEST_FILE = 64 * 1024
"""Bytes of a file of secrets."""

MOST_SECRETS = 4
"""Each costs a signature in a header of every webhook."""


def make_sender(settings: Settings, clock: Clock) -> SendWebhook:
    """Return what sends webhooks. Raises SettingsError where it could not work as set."""
    check_webhooks(settings)
    signer = Signer(webhook_secrets(settings) if settings.webhooks else ())
    return SendWebhook(
        dict(settings.webhooks),
        signer,
        clock,
        allow_private=settings.webhook_allow_private,
        user_agent=f"dms-scheduler/{VERSION}",
    )


def check_webhooks(settings: Settings) -> None:
    """Raise SettingsError where the settings of webhooks do not fit together."""
    if not settings.webhooks:
        return
    webhook_secrets(settings)
    for _, url in settings.webhooks:
        host = urlsplit(url).hostname or ""
        if not settings.webhook_allow_private and _is_address(host) and not is_public(host):
            raise SettingsError(
                f"DMS_WEBHOOKS: {host} is no public address; name another receiver, or set DMS_WEBHOOK_ALLOW_PRIVATE=on"
            )


def tell_of_webhooks(settings: Settings) -> None:
    """Log what an operator should know of receivers: their names, for the rest of a URL may hold a password."""
    if not settings.webhooks:
        return
    hosts = {route: urlsplit(url).hostname for route, url in settings.webhooks}
    log.info("receivers are told of the ends of tasks", extra={"receivers": hosts})
    for route, url in settings.webhooks:
        if urlsplit(url).scheme == "http":
            log.warning(
                "a receiver's URL is http, not https: whoever is on the way can read what it is told",
                extra={"route": route, "host": hosts[route]},
            )


def webhook_secrets(settings: Settings) -> list[str]:
    """Return the secrets of the file, in their order.

    Raises:
        SettingsError: the file is not named or cannot be used. Nothing of a secret is in its text.
    """
    path = settings.webhook_secret_file
    if not path:
        raise SettingsError("DMS_WEBHOOK_SECRET_FILE is not set, and DMS_WEBHOOKS needs it to sign what is sent")
    return read_secrets("DMS_WEBHOOK_SECRET_FILE", path, LARGEST_FILE, _secrets)


def _secrets(text: str) -> list[str]:
    secrets = []
    for number, line in numbered_lines(text):
        try:
            Signer([line])
        except ValueError as error:
            raise ValueError(f"line {number}: {error}") from None
        secrets.append(line)
    if not 0 < len(secrets) <= MOST_SECRETS:
        raise ValueError(f"it holds {len(secrets)} secrets; accepted are 1 to {MOST_SECRETS}, one a line")
    return secrets


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
