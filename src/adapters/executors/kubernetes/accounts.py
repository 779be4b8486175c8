"""Who a task's user is on the cluster: from the accounts of this machine, or from a map file."""

from __future__ import annotations

import logging
import os
import re

from adapters.executors.accounts import Account, NoSuchAccount, find_account
from adapters.executors.problems import ConfigurationProblem

log = logging.getLogger(__name__)

_LINE = re.compile(r"(?P<name>[^:\s#][^:\s]*):(?P<uid>[0-9]{1,10}):(?P<gid>[0-9]{1,10})(?::(?P<groups>[0-9,\s]*))?")
_LARGEST_ID = 2**31 - 1


class Accounts:
    """Looks users up. A map file that has changed is read again, so that new users need no restart."""

    def __init__(self, file: str = "") -> None:
        """``file``: lines ``name:uid:gid:group,group``; empty takes the accounts of this machine.

        Raises:
            ConfigurationProblem: the file cannot be read; names the line.
        """
        self._file = file
        self._seen: object = None
        self._users: dict[str, Account] = {}
        if file:
            self._read()

    async def find(self, user_id: str) -> Account:
        """Return a user's account. Raises :class:`NoSuchAccount`; root is none that a task may have."""
        account = self._mapped(user_id) if self._file else await find_account(user_id)
        if account.uid == 0:
            raise NoSuchAccount(f"user {user_id!r} is the superuser, as whom no task may run on the cluster")
        return account

    def _mapped(self, user_id: str) -> Account:
        try:
            self._read()
        except ConfigurationProblem as problem:
            log.error("the accounts read before stay in use", extra={"reason": str(problem)})
        try:
            return self._users[user_id]
        except KeyError:
            raise NoSuchAccount(f"user {user_id!r} has no account: it is not in the accounts map") from None

    def _read(self) -> None:
        try:
            status = os.stat(self._file)
            seen = status.st_ino, status.st_mtime_ns, status.st_size
            if seen == self._seen:
                return
            with open(self._file, encoding="utf-8") as lines:
                users = dict(self._entry(number, line.strip()) for number, line in enumerate(lines, 1) if _says(line))
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigurationProblem(
                f"DMS_KUBERNETES_ACCOUNTS names {self._file}, which cannot be read: {error}"
            ) from None
        self._users, self._seen = users, seen

    def _entry(self, number: int, line: str) -> tuple[str, Account]:
        found = _LINE.fullmatch(line)
        numbers = [] if found is None else [int(each) for each in re.findall("[0-9]+", line[len(found["name"]) :])]
        if found is None or max(numbers) > _LARGEST_ID:
            raise ConfigurationProblem(
                f"{self._file}, line {number}: a line must be name:uid:gid:groups, such as alice:1000:1000:1000,2000"
            )
        uid, gid, *groups = numbers
        return found["name"], Account(uid, gid, tuple(groups) or (gid,))


def _says(line: str) -> bool:
    return bool(line.strip()) and not line.lstrip().startswith("#")
