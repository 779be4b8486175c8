"""On whose behalf: as root, with two real accounts. One cannot reach the other's files through us."""

from __future__ import annotations

import os
import pwd
from pathlib import Path

import pytest

from adapters.executors.local.executor import LocalExecutor
from adapters.executors.local.movers.base import Mover
from tests.executors import trees
from tests.executors.conftest import Accounts, MakeLocal, give
from tests.executors.driving import begin, fail, follow, order, run, succeed
from tests.executors.fake_movers import Script, with_script

pytestmark = pytest.mark.root


@pytest.fixture
def homes(open_dir: Path, accounts: Accounts) -> tuple[Path, Path]:
    """A private home with a private tree in it for each account."""
    for account in accounts:
        tree = open_dir / account.pw_name / "tree"
        (tree / "inner").mkdir(parents=True)
        (tree / "inner" / "file").write_text(f"belongs to {account.pw_name}")
        give(tree.parent, account)
        tree.parent.chmod(0o700)
    return open_dir / accounts[0].pw_name, open_dir / accounts[1].pw_name


@pytest.fixture
def local(make_local: MakeLocal, open_dir: Path) -> LocalExecutor:
    """Each mover in turn, run as the task's user."""
    return make_local(open_dir, run_as="user")


async def test_a_user_moves_what_is_his(local: LocalExecutor, accounts: Accounts, homes: tuple[Path, Path]) -> None:
    user, home = accounts[0], homes[0]
    work = order("sync", {"src": f"{home}/tree", "dst": f"{home}/new/parents/copy"}, user_id=user.pw_name)
    await succeed(local, work)
    assert trees.snapshot(home / "new" / "parents" / "copy") == trees.snapshot(home / "tree")
    for path in (home / "new", home / "new" / "parents", home / "new" / "parents" / "copy" / "inner" / "file"):
        assert (path.stat().st_uid, path.stat().st_gid) == (user.pw_uid, user.pw_gid)
    await succeed(local, order("rm", {"path": f"{home}/new"}, user_id=user.pw_name))
    assert not (home / "new").exists()


async def test_a_hard_tree_of_ones_own_arrives_as_it_is(
    local: LocalExecutor, accounts: Accounts, homes: tuple[Path, Path]
) -> None:
    """Read-only directories among it, which only root may write into as they are."""
    user, home = accounts[0], homes[0]
    trees.build_hard_tree(home / "hard")
    give(home / "hard", user)
    (home / "hard" / "setuid").chmod(0o4755)  # a change of owner takes these away
    (home / "hard" / "setgid").chmod(0o2755)
    (home / "hard" / "group").chmod(0o2775)
    work = order("sync", {"src": f"{home}/hard", "dst": f"{home}/copy", "options": "--delete"}, user_id=user.pw_name)
    await succeed(local, work)
    assert trees.snapshot(home / "copy") == trees.snapshot(home / "hard")
    (home / "hard" / "locked" / "inner" / "file").write_text("has changed")
    (home / "hard" / "locked" / "inner" / "new").touch()
    give(home / "hard" / "locked", user)
    await succeed(local, work)
    assert trees.snapshot(home / "copy") == trees.snapshot(home / "hard")


async def test_owners_that_a_user_may_not_set_become_his(
    local: LocalExecutor, mover: Mover, accounts: Accounts, homes: tuple[Path, Path]
) -> None:
    user, home = accounts[0], homes[0]
    os.chown(home / "tree" / "inner" / "file", 0, 0)
    (home / "tree" / "inner" / "file").chmod(0o6755)
    (home / "tree" / "link").symlink_to("inner")
    os.chown(home / "tree" / "link", 0, 0, follow_symlinks=False)
    await succeed(local, order("cp", {"src": f"{home}/tree", "dst": f"{home}/copy"}, user_id=user.pw_name))
    copy = (home / "copy" / "inner" / "file").stat()
    assert (copy.st_uid, copy.st_gid) == (user.pw_uid, user.pw_gid)
    # rsync keeps the bits by which a program acts with its owner's rights, whoever that has become.
    assert copy.st_mode & 0o7777 == (0o755 if mover.settles else 0o6755)
    assert os.readlink(home / "copy" / "link") == "inner"


async def test_a_directory_of_anothers_is_no_obstacle_where_its_group_may_write(
    local: LocalExecutor, accounts: Accounts, homes: tuple[Path, Path], open_dir: Path
) -> None:
    user, home = accounts[0], homes[0]
    shared = open_dir / "shared"
    shared.mkdir()
    os.chown(shared, accounts[1].pw_uid, user.pw_gid)
    shared.chmod(0o770)
    await succeed(local, order("cp", {"src": f"{home}/tree", "dst": str(shared)}, user_id=user.pw_name))
    assert trees.content(shared) == trees.content(home / "tree")
    assert shared.stat().st_uid == accounts[1].pw_uid


def hostile_orders(mine: Path, theirs: Path, user: pwd.struct_passwd) -> list[tuple[str, dict[str, object]]]:
    return [
        ("sync", {"src": f"{theirs}/tree", "dst": f"{mine}/stolen"}),
        ("cp", {"src": f"{theirs}/tree/inner/file", "dst": f"{mine}/stolen"}),
        ("sync", {"src": f"{mine}/tree", "dst": f"{theirs}/tree", "options": "--delete"}),
        ("cp", {"src": f"{mine}/tree", "dst": f"{theirs}/planted"}),
        ("cp", {"src": f"{mine}/tree/inner/file", "dst": f"{theirs}/tree/inner/file"}),
        ("rm", {"path": f"{theirs}/tree"}),
        ("rm", {"path": f"{theirs}"}),
    ]


async def test_nobody_reaches_anothers_files_by_path(
    local: LocalExecutor, accounts: Accounts, homes: tuple[Path, Path]
) -> None:
    (mine, theirs), user = homes, accounts[0]
    before = trees.snapshot(theirs)
    for service, parameters in hostile_orders(mine, theirs, user):
        ended = await fail(local, order(service, parameters, user_id=user.pw_name))
        assert "ermission denied" in ended.reason
    assert trees.snapshot(theirs) == before
    assert not (mine / "stolen").exists()


async def test_nobody_reads_a_file_in_a_readable_directory_that_is_anothers(
    local: LocalExecutor, accounts: Accounts, homes: tuple[Path, Path]
) -> None:
    (mine, theirs), user = homes, accounts[0]
    theirs.chmod(0o755)
    (theirs / "tree" / "inner" / "file").chmod(0o600)
    ended = await fail(local, order("cp", {"src": f"{theirs}/tree", "dst": f"{mine}/stolen"}, user_id=user.pw_name))
    assert ended.reason.startswith("permission denied: ")
    assert not (mine / "stolen" / "inner" / "file").exists()


async def test_nobody_reaches_anothers_files_by_symlink(
    local: LocalExecutor, accounts: Accounts, homes: tuple[Path, Path]
) -> None:
    (mine, theirs), user = homes, accounts[0]
    (mine / "link").symlink_to(theirs)
    (mine / "tree" / "link").symlink_to(theirs / "tree" / "inner" / "file")
    (mine / "tree" / "directory link").symlink_to(theirs / "tree")
    before = trees.snapshot(theirs)
    for service, parameters in hostile_orders(mine, mine / "link", user):
        if parameters.get("path") != f"{mine}/link":  # a link of one's own may be removed: the link itself
            await fail(local, order(service, parameters, user_id=user.pw_name))
    await succeed(local, order("cp", {"src": f"{mine}/tree", "dst": f"{mine}/copy"}, user_id=user.pw_name))
    assert (mine / "copy" / "link").is_symlink()
    assert (mine / "copy" / "directory link").is_symlink()
    await succeed(local, order("rm", {"path": f"{mine}/copy"}, user_id=user.pw_name))
    assert trees.snapshot(theirs) == before


async def test_nobody_reaches_anothers_files_by_a_swap_while_the_task_waits(
    local: LocalExecutor, accounts: Accounts, homes: tuple[Path, Path]
) -> None:
    """The submit is checked, then directories become links, then the task starts."""
    (mine, theirs), user = homes, accounts[0]
    before = trees.snapshot(theirs)
    waiting: list[tuple[str, dict[str, object]]] = [
        ("cp", {"src": f"{mine}/swapped/tree", "dst": f"{mine}/stolen"}),
        ("sync", {"src": f"{mine}/tree", "dst": f"{mine}/swapped/tree", "options": "--delete"}),
        ("rm", {"path": f"{mine}/swapped/tree"}),
    ]
    (mine / "swapped" / "tree").mkdir(parents=True)
    give(mine / "swapped", user)
    for service, parameters in waiting:
        local.check(service, parameters)
    (mine / "swapped" / "tree").rmdir()
    (mine / "swapped").rmdir()
    (mine / "swapped").symlink_to(theirs)
    for service, parameters in waiting:
        ended = await fail(local, order(service, parameters, user_id=user.pw_name))
        assert "is a symbolic link" in ended.reason
    assert trees.snapshot(theirs) == before
    assert not (mine / "stolen").exists()


async def test_anothers_swap_does_not_lead_my_task_into_my_own_files(
    local: LocalExecutor, accounts: Accounts, homes: tuple[Path, Path], open_dir: Path
) -> None:
    """In a directory that both may write: my rights reach my files, so the kernel alone would not save them."""
    mine, me = homes[0], accounts[0]
    (open_dir / "shared").mkdir()
    (open_dir / "shared").chmod(0o1777)
    (open_dir / "shared" / "trap").symlink_to(mine)
    os.chown(open_dir / "shared" / "trap", accounts[1].pw_uid, accounts[1].pw_gid, follow_symlinks=False)
    before = trees.snapshot(mine)
    ended = await fail(local, order("rm", {"path": f"{open_dir}/shared/trap/tree"}, user_id=me.pw_name))
    assert "is a symbolic link" in ended.reason
    parameters = {"src": f"{mine}/tree/inner", "dst": f"{open_dir}/shared/trap/tree", "options": "--delete"}
    await fail(local, order("sync", parameters, user_id=me.pw_name))
    assert trees.snapshot(mine) == before


async def test_without_an_account_it_fails_and_says_so(local: LocalExecutor, open_dir: Path) -> None:
    (open_dir / "tree").mkdir()
    for name in ("dms-nobody-of-this-name", "", "root\0", "../etc", "1000000"):
        ended = await run(local, order("rm", {"path": f"{open_dir}/tree"}, user_id=name))
        assert ended.reason == f"user {name!r} has no account on this machine"
    assert (open_dir / "tree").is_dir()


async def test_a_mover_has_the_users_rights_and_nothing_more(accounts: Accounts, homes: tuple[Path, Path]) -> None:
    user, home = accounts[0], homes[0]
    script = Script(
        "id -u; id -g; id -G; env; grep -E 'NoNewPrivs|CapPrm|CapEff' /proc/self/status; umask; ls -l /proc/self/fd"
    )
    executor = with_script(home.parent, script, run_as="user", confine=False)
    os.environ["DMS_TEST_SECRET"] = "secret"
    try:
        work = order("cp", {"src": f"{home}/tree", "dst": f"{home}/copy"}, user_id=user.pw_name)
        ended = await follow(await begin(executor, work))
    finally:
        del os.environ["DMS_TEST_SECRET"]
    lines = ended.output.splitlines()
    groups = os.getgrouplist(user.pw_name, user.pw_gid)
    assert lines[:2] == [str(user.pw_uid), str(user.pw_gid)]
    assert set(lines[2].split()) == {str(group) for group in groups}
    assert "NoNewPrivs: 1" in lines
    assert "CapPrm: 0000000000000000" in lines
    assert "CapEff: 0000000000000000" in lines
    assert not any("SECRET" in line for line in lines)
    # Nothing of the scheduler's or the supervisor's is open but what the mover says, and to whom it says it.
    assert {line.split()[-3] for line in lines if "-> pipe:" in line} == {"1", "2"}
    assert not any("-> socket:" in line for line in lines)


async def test_a_single_file_is_private_while_it_is_copied(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    work = order("cp", {"src": f"{tmp_path}/file", "dst": f"{tmp_path}/open to all/copy"})
    ended = await succeed(with_script(tmp_path, Script("umask")), work)
    assert ended.output.splitlines()[0] == "0077"


@pytest.mark.parametrize(("mode", "umask"), [(None, "0022"), (0o700, "0022"), (0o710, "0077"), (0o755, "0077")])
async def test_nobody_else_sees_into_a_copy_that_is_under_way(tmp_path: Path, mode: int | None, umask: str) -> None:
    """Either because nobody else may enter its top directory, or because each file is private."""
    (tmp_path / "tree").mkdir()
    (tmp_path / "tree" / "file").touch()
    if mode is not None:
        (tmp_path / "copy").mkdir(mode=mode)
        (tmp_path / "copy").chmod(mode)
    executor = with_script(tmp_path, Script("umask"))
    ended = await succeed(executor, order("cp", {"src": f"{tmp_path}/tree", "dst": f"{tmp_path}/copy"}))
    assert ended.output.splitlines()[0] == umask


async def test_a_user_need_not_be_able_to_reach_the_program(
    accounts: Accounts, homes: tuple[Path, Path], tmp_path: Path
) -> None:
    """Such as a virtual environment in root's home."""
    (tmp_path / "hidden").mkdir(mode=0o700)
    hidden = tmp_path / "hidden" / "sh"
    hidden.write_bytes(Path("/bin/sh").resolve().read_bytes())
    hidden.chmod(0o755)
    user, home = accounts[0], homes[0]
    executor = with_script(home.parent, Script("id -u", program=str(hidden)), run_as="user")
    work = order("cp", {"src": f"{home}/tree", "dst": f"{home}/copy"}, user_id=user.pw_name)
    ended = await succeed(executor, work)
    assert ended.output.splitlines()[0] == str(user.pw_uid)
