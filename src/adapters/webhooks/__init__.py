"""Sending notifications over HTTP, signed, to nobody but whom the settings name."""

from adapters.webhooks.addresses import is_public
from adapters.webhooks.sender import SendWebhook
from adapters.webhooks.signing import Signer

__all__ = ["SendWebhook", "Signer", "is_public"]
