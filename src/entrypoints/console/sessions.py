"""Sessions of the console: a signed cookie that any replica can check, and that never holds an operator's token."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256

from domain.ports import Clock, Entropy

COOKIE = "dms_console"

LIFETIME_S = 8 * 3600
"""A working day: a session cannot be taken back before, but by another token."""


@dataclass(frozen=True, slots=True)
class Session:
    """Somebody who logged in."""

    operator: str
    """The name that belongs to the token."""
    form_token: str
    """What every form of this session carries, so that a page of another site cannot post one."""


class Sessions:
    """Opens and reads sessions. They are signed with keys made of the operators' tokens.

    So all replicas read the same cookies without sharing anything, and a token that is replaced ends the sessions that
    were opened with it.
    """

    def __init__(self, tokens: Mapping[str, str], clock: Clock, entropy: Entropy) -> None:
        """``tokens`` holds the token of each operator's name."""
        self._tokens = {name: token.encode() for name, token in tokens.items()}
        self._clock = clock
        self._entropy = entropy

    def operator_of(self, token: str) -> str | None:
        """Return whose token this is. All are compared, so that the time it takes tells nothing."""
        given = token.encode(errors="surrogatepass")
        names = [name for name, known in self._tokens.items() if hmac.compare_digest(given, known)]
        return names[0] if names else None

    def open(self, operator: str) -> str:
        """Return the cookie of a new session."""
        expires = int(self._clock.now().timestamp()) + LIFETIME_S
        content = f"{operator.encode().hex()}.{expires}.{self._entropy.nonce()}"
        return f"{content}.{self._sign(operator, 'session', content)}"

    def read(self, cookie: str) -> Session | None:
        """Return the session of a cookie; None where it is not ours, or over."""
        content, _, signature = cookie.rpartition(".")
        try:
            name, expires, _ = content.split(".")
            operator, ends_at = bytes.fromhex(name).decode(), int(expires)
        except ValueError:
            return None
        if operator not in self._tokens:
            return None
        is_ours = hmac.compare_digest(signature.encode(), self._sign(operator, "session", content).encode())
        if not is_ours or self._clock.now().timestamp() >= ends_at:
            return None
        return Session(operator, self._sign(operator, "form", content))

    def _sign(self, operator: str, purpose: str, content: str) -> str:
        return hmac.new(self._tokens[operator], f"console {purpose} {content}".encode(), sha256).hexdigest()
