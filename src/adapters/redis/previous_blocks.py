"""The previous scheduler's block documents (contract §5): whatever we do not know in them stays as it is."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

Fields = Mapping[str, msgspec.Raw]

_decode_fields = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode
_decode_flag = msgspec.json.Decoder(bool).decode
_decode_items = msgspec.json.Decoder(list[object]).decode

_UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)


def says_blocked(document: bytes) -> bool:
    """Whether a document of either key blocks; one that cannot be read blocks nobody."""
    try:
        return _decode_flag(_fields(document)["blocked"])
    except (KeyError, *_UNREADABLE):
        return False


def with_everybody(document: bytes, blocked: bool) -> bytes:
    """Return ``blocks:all`` with its flag set. What cannot be read is written anew."""
    fields = _fields(document)
    return msgspec.json.encode({**fields, "blocked": blocked, "blocked_users": _users(fields)})


def with_user(document: bytes, user_id: str, blocked: bool) -> bytes:
    """Return ``blocks:all`` with one user on its list or off it."""
    fields = _fields(document)
    users = [user for user in _users(fields) if user != user_id]
    flag = says_blocked(document)
    return msgspec.json.encode({**fields, "blocked": flag, "blocked_users": [*users, user_id] if blocked else users})


def user_document(blocked: bool) -> bytes:
    """Return what stands at ``blocks:user:{user_id}``."""
    return msgspec.json.encode({"blocked": blocked})


def _fields(document: bytes) -> Fields:
    try:
        return _decode_fields(document)
    except _UNREADABLE:
        return {}


def _users(fields: Fields) -> list[str]:
    try:
        return [user for user in _decode_items(fields["blocked_users"]) if isinstance(user, str)]
    except (KeyError, *_UNREADABLE):
        return []
