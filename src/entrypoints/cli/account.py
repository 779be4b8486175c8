"""The account that invoked the command."""

from __future__ import annotations

import os
import pwd


def invoking_account() -> str:
    """Return its name, as `id -un` prints it; its number where it has none."""
    uid = os.geteuid()
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)
