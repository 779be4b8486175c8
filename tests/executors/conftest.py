"""Movers, executors and accounts for the tests in this folder."""

from __future__ import annotations

import asyncio
import functools
import inspect
import os
import pwd
import secrets
import shutil
import subprocess
import tempfile
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Protocol

import pytest

from adapters.executors.local.executor import LocalExecutor, RunAs
from adapters.executors.local.movers import find_mover
from adapters.executors.local.movers.base import Mover
from tests.executors.descendants import adopting, descendants, kill
from tests.executors.driving import CLOCK
from tests.support.needs import require_program, require_root

HANGS_S = 120.0
"""No test here waits so long, unless what it waits for never comes."""

Accounts = tuple[pwd.struct_passwd, pwd.struct_passwd]


class MakeLocal(Protocol):
    """Makes a local executor; see the fixture `make_local`."""

    def __call__(self, root: Path, *, run_as: RunAs = "service") -> LocalExecutor:
        """Tasks may touch what lies below ``root``."""
        ...


def pytest_itemcollected(item: pytest.Item) -> None:
    """Let no test wait for ever: a supervisor that kills nothing must fail its test, not hang it."""
    if isinstance(item, pytest.Function) and inspect.iscoroutinefunction(item.obj):
        item.obj = bounded(item.obj)


def bounded(test: Callable[..., Awaitable[None]]) -> Callable[..., Awaitable[None]]:
    """Return the test with a limit to its time, at which its processes are killed too: it may wait for their ends."""

    @functools.wraps(test)
    async def wrapped(*args: object, **kwargs: object) -> None:
        before = descendants()
        bound = asyncio.get_running_loop().call_later(HANGS_S, lambda: kill(descendants() - before))
        try:
            async with asyncio.timeout(HANGS_S):
                await test(*args, **kwargs)
        finally:
            bound.cancel()

    return wrapped


@pytest.fixture(autouse=True)
def nothing_is_left() -> Iterator[None]:
    """Whatever a test started has ended after it, also where the test failed."""
    with adopting():
        yield


@pytest.fixture(params=["rclone", "rsync"])
def mover(request: pytest.FixtureRequest) -> Mover:
    """Each mover in turn."""
    if request.param == "rsync":
        require_program("rsync")
    return find_mover(request.param)


@pytest.fixture
def make_local(mover: Mover) -> MakeLocal:
    """Makes local executors that use each mover in turn."""

    def make(root: Path, *, run_as: RunAs = "service") -> LocalExecutor:
        return LocalExecutor(mover, [str(root)], CLOCK, run_as=run_as, report_every_s=0.05)

    return make


@pytest.fixture
def local(make_local: MakeLocal, tmp_path: Path) -> LocalExecutor:
    """A local executor for the test's own directory, with each mover in turn."""
    return make_local(tmp_path)


@pytest.fixture
def open_dir() -> Iterator[Path]:
    """A directory that every account can enter, unlike `tmp_path`."""
    path = Path(tempfile.mkdtemp(prefix="dms-test-")).resolve()
    path.chmod(0o755)
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


@pytest.fixture(scope="session")
def accounts() -> Iterator[Accounts]:
    """Two real accounts, gone after the tests."""
    require_root()
    useradd, userdel = require_program("useradd"), require_program("userdel")
    names = [f"dms-{secrets.token_hex(4)}" for _ in range(2)]
    made: list[str] = []
    try:
        for name in names:
            subprocess.run([useradd, "--no-create-home", "--shell", "/usr/sbin/nologin", name], check=True)
            made.append(name)
        first, second = (pwd.getpwnam(name) for name in names)
        yield first, second
    finally:
        for name in made:
            subprocess.run([userdel, name], check=True)


def give(path: Path, account: pwd.struct_passwd) -> None:
    """Make an account the owner of a tree."""
    for directory, names, files in os.walk(path):
        for name in (*names, *files):
            os.chown(os.path.join(directory, name), account.pw_uid, account.pw_gid, follow_symlinks=False)
    os.chown(path, account.pw_uid, account.pw_gid)
