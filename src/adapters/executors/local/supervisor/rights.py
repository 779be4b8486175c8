"""On whose behalf the work is done."""

from __future__ import annotations

import os

from adapters.executors.local.supervisor import linux
from adapters.executors.local.supervisor.job import Account


def take_on(account: Account | None) -> None:
    """Take on the rights of ``account`` for good; None keeps the service's own. No rights can be gained afterwards.

    Raises:
        OSError: the service may not act for others.
    """
    if account is not None:
        os.setgroups(account["groups"])
        os.setresgid(account["gid"], account["gid"], account["gid"])
        os.setresuid(account["uid"], account["uid"], account["uid"])
    linux.forbid_new_rights()
