"""Who a task's user is on the cluster."""

from __future__ import annotations

import logging
import os
import pwd
from pathlib import Path

import pytest

from adapters.executors.accounts import Account, NoSuchAccount
from adapters.executors.kubernetes.accounts import Accounts
from adapters.executors.problems import ConfigurationProblem


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "accounts"


async def test_a_map_file_names_users(file: Path) -> None:
    file.write_text("# people\n\nalice:1000:1001:1001,2000\n bob:1002:1002\ncarol.x@site:1003:1003:\n")
    accounts = Accounts(str(file))
    assert await accounts.find("alice") == Account(1000, 1001, (1001, 2000))
    assert await accounts.find("bob") == Account(1002, 1002, (1002,))
    assert await accounts.find("carol.x@site") == Account(1003, 1003, (1003,))
    with pytest.raises(NoSuchAccount, match="user 'dave' has no account: it is not in the accounts map"):
        await accounts.find("dave")


async def test_a_user_with_digits_in_the_name_keeps_them(file: Path) -> None:
    file.write_text("user42:7:8:9\n")
    assert await Accounts(str(file)).find("user42") == Account(7, 8, (9,))


@pytest.mark.parametrize(
    "line", ["alice", "alice:x:1", "alice:1", ":1:1", "alice:1:1:a", "alice:4294967296:1", "a b:1:1"]
)
def test_a_bad_line_stops_the_start(file: Path, line: str) -> None:
    file.write_text(f"bob:1:1\n{line}\n")
    with pytest.raises(ConfigurationProblem, match=r"accounts, line 2: a line must be name:uid:gid:groups"):
        Accounts(str(file))


def test_a_missing_file_stops_the_start(file: Path) -> None:
    with pytest.raises(ConfigurationProblem, match=r"DMS_KUBERNETES_ACCOUNTS names .* which cannot be read"):
        Accounts(str(file))


async def test_a_file_that_changes_is_read_again(file: Path, caplog: pytest.LogCaptureFixture) -> None:
    file.write_text("alice:1000:1000\n")
    accounts = Accounts(str(file))
    file.write_text("alice:1000:1000\nbob:1001:1001\n")
    assert (await accounts.find("bob")).uid == 1001
    file.write_text("what?\n")
    with caplog.at_level(logging.ERROR):
        assert (await accounts.find("bob")).uid == 1001
    assert "the accounts read before stay in use" in caplog.text


async def test_without_a_file_the_accounts_of_this_machine_count() -> None:
    with pytest.raises(NoSuchAccount, match="has no account on this machine"):
        await Accounts().find("no-such-user-here")
    me = pwd.getpwuid(os.getuid())
    if me.pw_uid:
        assert (await Accounts().find(me.pw_name)).uid == me.pw_uid


async def test_nobody_runs_as_root(file: Path) -> None:
    file.write_text("root:0:0\n")
    with pytest.raises(NoSuchAccount, match="superuser"):
        await Accounts(str(file)).find("root")
