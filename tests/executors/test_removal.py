"""`rm`: one tree, never a root, never through a symlink."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

from adapters.executors.local.executor import LocalExecutor
from adapters.executors.local.movers import find_mover
from adapters.executors.local.supervisor import removing, walking
from adapters.executors.local.supervisor.anchors import READ_DIRECTORY
from domain.errors import InvalidRequest
from tests.executors import trees
from tests.executors.conftest import Accounts, give
from tests.executors.driving import CLOCK, fail, order, succeed


@pytest.fixture
def local(tmp_path: Path) -> LocalExecutor:
    """Removing is the same with every mover."""
    return LocalExecutor(find_mover("rclone"), [str(tmp_path)], CLOCK, run_as="service", report_every_s=0.05)


@pytest.fixture
def elsewhere(tmp_path: Path) -> Path:
    """What no removal may touch."""
    path = tmp_path / "elsewhere"
    (path / "inner").mkdir(parents=True)
    (path / "inner" / "precious").write_text("precious")
    return path


async def test_a_whole_tree_goes_and_nothing_beside_it(local: LocalExecutor, elsewhere: Path, tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    trees.build_hard_tree(tree)
    trees.add_special_files(tree)
    (tree / "locked").chmod(0o755)
    (tree / "locked" / "inner").chmod(0o755)
    (tree / "out").symlink_to(elsewhere)
    before = trees.snapshot(elsewhere)
    ended = await succeed(local, order("rm", {"path": str(tree)}))
    assert not tree.exists()
    assert trees.snapshot(elsewhere) == before
    count = sum(len(names) + len(files) for _, names, files in os.walk(tmp_path))
    assert count == 3  # elsewhere, and what is in it
    assert ended.output.endswith("files and directories removed.")
    assert ended.reports[-1].progress is not None
    assert ended.reports[-1].progress.files_done == ended.reports[-1].progress.files_total > 50


@pytest.mark.parametrize("name", ["file", "-rf", "new\nline"])
async def test_one_file_goes(local: LocalExecutor, tmp_path: Path, name: str) -> None:
    (tmp_path / name).touch()
    (tmp_path / "beside").touch()
    ended = await succeed(local, order("rm", {"path": str(tmp_path / name)}))
    assert [path.name for path in tmp_path.iterdir()] == ["beside"]
    assert ended.output == "1 files and directories removed."


async def test_of_a_link_only_the_link_goes(local: LocalExecutor, elsewhere: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(elsewhere)
    before = trees.snapshot(elsewhere)
    await succeed(local, order("rm", {"path": str(tmp_path / "link")}))
    assert not (tmp_path / "link").is_symlink()
    assert trees.snapshot(elsewhere) == before


async def test_nothing_is_removed_through_a_link(local: LocalExecutor, elsewhere: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(elsewhere)
    before = trees.snapshot(elsewhere)
    ended = await fail(local, order("rm", {"path": str(tmp_path / "link" / "inner")}))
    assert ended.reason == (
        f"{tmp_path / 'link'} is a symbolic link, and no path may lead through one: name the real path"
    )
    assert trees.snapshot(elsewhere) == before


def test_a_root_is_refused_at_once(local: LocalExecutor, tmp_path: Path) -> None:
    with pytest.raises(InvalidRequest, match="is a mount root"):
        local.check("rm", {"path": str(tmp_path)})


async def test_a_root_is_refused_by_whatever_name(tmp_path: Path) -> None:
    real = tmp_path / "real"
    (real / "inner").mkdir(parents=True)
    (tmp_path / "root").symlink_to(real / "inner")
    roots = [str(tmp_path), str(tmp_path / "root")]
    executor = LocalExecutor(find_mover("rclone"), roots, CLOCK, run_as="service")
    for path in (real / "inner", real):
        ended = await fail(executor, order("rm", {"path": str(path)}))
        assert ended.reason == f"{path} is or holds the allowed root {tmp_path / 'root'}"
    assert (real / "inner").is_dir()


async def test_what_is_not_there_is_the_users_mistake(local: LocalExecutor, tmp_path: Path) -> None:
    ended = await fail(local, order("rm", {"path": str(tmp_path / "no")}))
    assert ended.reason == f"there is no {tmp_path / 'no'}"


async def test_what_an_earlier_attempt_has_removed_is_done(local: LocalExecutor, tmp_path: Path) -> None:
    ended = await succeed(local, order("rm", {"path": str(tmp_path / "no")}, attempt=2))
    assert ended.output == "Nothing was left to remove."


async def test_a_dry_run_only_counts(local: LocalExecutor, elsewhere: Path) -> None:
    before = trees.snapshot(elsewhere)
    ended = await succeed(local, order("rm", {"path": str(elsewhere), "options": "--dryrun"}))
    assert ended.output == "would remove 3 files and directories; nothing was changed (--dryrun)."
    assert trees.snapshot(elsewhere) == before


def test_a_directory_that_is_swapped_for_a_link_leads_nowhere(
    tmp_path: Path, elsewhere: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The swap comes between looking at an entry and entering it, the worst moment."""
    tree = tmp_path / "tree"
    (tree / "inner").mkdir(parents=True)
    (tree / "inner" / "file").touch()
    look = walking.entries
    looks = 0

    def swap_behind(directory: int) -> list[os.DirEntry[str]]:
        nonlocal looks
        looks += 1
        found = look(directory)
        if looks == 1:
            (tree / "inner").rename(tmp_path / "moved away")
            (tree / "inner").symlink_to(elsewhere)
        return found

    monkeypatch.setattr(removing, "entries", swap_behind)
    before = trees.snapshot(elsewhere)
    removal = removing.Removal()
    parent = os.open(tmp_path, READ_DIRECTORY)
    try:
        removal._empty(parent, "tree", "")
    finally:
        os.close(parent)
    assert trees.snapshot(elsewhere) == before
    assert looks == 1
    assert removal.notes.told


def test_many_removals_of_one_tree_agree(tmp_path: Path) -> None:
    """What somebody else removes meanwhile is no error."""
    tree = tmp_path / "tree"
    for number in range(300):
        (tree / str(number % 7) / str(number)).mkdir(parents=True)
    parent = os.open(tmp_path, READ_DIRECTORY)
    removals = [removing.Removal() for _ in range(4)]
    threads = [threading.Thread(target=removal.run, args=(parent, "tree", True)) for removal in removals]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    os.close(parent)
    assert not tree.exists()
    assert [note for removal in removals for note in removal.notes.told] == []


@pytest.mark.root
async def test_what_may_not_be_removed_is_named_and_the_rest_goes(open_dir: Path, accounts: Accounts) -> None:
    user = accounts[0]
    tree = open_dir / "tree"
    for name in ("locked", "free"):
        (tree / name).mkdir(parents=True)
        (tree / name / "file").touch()
    give(tree, user)
    os.chown(open_dir, user.pw_uid, user.pw_gid)
    os.chown(tree / "locked", 0, 0)
    executor = LocalExecutor(find_mover("rclone"), [str(open_dir)], CLOCK, run_as="user")
    ended = await fail(executor, order("rm", {"path": str(tree)}, user_id=user.pw_name))
    assert ended.reason == "permission denied: locked/file: Permission denied"
    assert (tree / "locked" / "file").exists()
    assert not (tree / "free").exists()
