"""The accounts of this machine, on whose behalf data is moved."""

from __future__ import annotations

import asyncio
import os
import pwd
from dataclasses import dataclass


class NoSuchAccount(Exception):
    """The user of a task has no account."""


@dataclass(frozen=True, slots=True)
class Account:
    """The rights that a user's own login would have."""

    uid: int
    gid: int
    groups: tuple[int, ...]


async def find_account(user_id: str) -> Account:
    """Look the account up by name, in a thread, for a directory service may take its time.

    Raises:
        NoSuchAccount: there is none.
    """
    return await asyncio.to_thread(_find, user_id)


def _find(user_id: str) -> Account:
    try:
        entry = pwd.getpwnam(user_id)
    except (KeyError, ValueError, UnicodeEncodeError) as error:
        raise NoSuchAccount(f"user {user_id!r} has no account on this machine") from error
    groups = os.getgrouplist(entry.pw_name, entry.pw_gid)
    return Account(entry.pw_uid, entry.pw_gid, tuple(groups))
