"""Free TCP ports of 127.0.0.1."""

import random
import socket

# Below the ports that Linux gives to outgoing connections (from 32768 on): a port that a stopped
# server left for a moment is not taken by somebody's client before the server is back.
_FIRST, _LAST = 20_000, 32_767
_random = random.SystemRandom()


def free_port() -> int:
    """A port that nobody listens on right now.

    Somebody may take it before you do: be ready to try again with another.
    """
    for _ in range(1_000):
        port = _random.randint(_FIRST, _LAST)
        if is_free(port):
            return port
    raise RuntimeError(f"no free port between {_FIRST} and {_LAST}")


def is_free(port: int) -> bool:
    """Whether a server could listen on this port now."""
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True
