"""What stands in the way of a copy: refused before anything is moved, or removed where a sync may delete."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from adapters.executors.local.executor import LocalExecutor
from adapters.executors.local.movers.base import Mover
from adapters.executors.local.movers.rclone import Rclone
from tests.executors import trees
from tests.executors.driving import fail, order, succeed


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A tree with a file, a link, and a directory that holds something."""
    top = tmp_path / "source"
    (top / "directory").mkdir(parents=True)
    (top / "directory" / "inner").write_text("inner")
    (top / "file").write_text("file")
    (top / "link").symlink_to("file")
    (top / "empty").mkdir()
    trees.set_times(top)
    return top


@pytest.fixture
def elsewhere(tmp_path: Path) -> Path:
    """A directory that no task names."""
    path = tmp_path / "elsewhere"
    path.mkdir()
    (path / "precious").write_text("precious")
    return path


def put_in_the_way(target: Path, elsewhere: Path, name: str, kind: str) -> None:
    path = target / name
    if kind == "file":
        path.write_text("in the way")
    elif kind == "link":
        path.symlink_to(elsewhere)
    elif kind == "fifo":
        os.mkfifo(path)
    else:
        (path / "with").mkdir(parents=True)
        (path / "with" / "something").touch()


CONFLICTS = [
    ("directory", "file"),
    ("directory", "link"),
    ("directory", "fifo"),
    ("empty", "file"),
    ("empty", "link"),
    ("file", "directory"),
    ("link", "directory"),
]


@pytest.mark.parametrize(("name", "kind"), CONFLICTS)
@pytest.mark.parametrize("service", ["sync", "cp"])
async def test_without_delete_it_is_refused_and_nothing_is_moved(
    local: LocalExecutor, source: Path, elsewhere: Path, tmp_path: Path, name: str, kind: str, service: str
) -> None:
    target = tmp_path / "target"
    target.mkdir()
    put_in_the_way(target, elsewhere, name, kind)
    before = trees.snapshot(tmp_path)
    ended = await fail(local, order(service, {"src": str(source), "dst": str(target)}))
    assert f"{name}: " in ended.reason
    assert "sync with --delete" in ended.reason
    assert trees.snapshot(tmp_path) == before


@pytest.mark.parametrize(("name", "kind"), [*CONFLICTS, ("file", "link"), ("link", "file"), ("file", "fifo")])
async def test_with_delete_it_is_replaced_and_nothing_else_is_touched(
    local: LocalExecutor, source: Path, elsewhere: Path, tmp_path: Path, name: str, kind: str
) -> None:
    target = tmp_path / "target"
    target.mkdir()
    put_in_the_way(target, elsewhere, name, kind)
    outside = trees.snapshot(elsewhere)
    await succeed(local, order("sync", {"src": str(source), "dst": str(target), "options": "--delete"}))
    assert trees.snapshot(target) == trees.snapshot(source)
    assert trees.snapshot(elsewhere) == outside


@pytest.mark.parametrize(("name", "kind"), [("file", "link"), ("link", "file")])
async def test_a_link_and_a_file_replace_one_another_without_delete(
    local: LocalExecutor, source: Path, elsewhere: Path, tmp_path: Path, name: str, kind: str
) -> None:
    target = tmp_path / "target"
    target.mkdir()
    put_in_the_way(target, elsewhere / "precious", name, kind)
    await succeed(local, order("cp", {"src": str(source), "dst": str(target)}))
    assert trees.snapshot(target) == trees.snapshot(source)
    assert (elsewhere / "precious").read_text() == "precious"


async def test_a_dry_run_leaves_what_is_in_the_way(
    local: LocalExecutor, source: Path, elsewhere: Path, tmp_path: Path
) -> None:
    target = tmp_path / "target"
    target.mkdir()
    put_in_the_way(target, elsewhere, "file", "directory")
    before = trees.snapshot(tmp_path)
    parameters = {"src": str(source), "dst": str(target), "options": "--delete --dryrun"}
    await succeed(local, order("sync", parameters))
    assert trees.snapshot(tmp_path) == before


@pytest.mark.parametrize("target_is_directory", [True, False])
async def test_a_tree_and_a_file_do_not_go_together(
    local: LocalExecutor, source: Path, tmp_path: Path, target_is_directory: bool
) -> None:
    target = tmp_path / "target"
    if target_is_directory:
        target.mkdir()
        source = source / "file"
    else:
        target.touch()
    ended = await fail(local, order("sync", {"src": str(source), "dst": str(target), "options": "--delete"}))
    kinds = ("a file", "a directory") if target_is_directory else ("a directory", "a file")
    assert ended.reason == f"the source {source} is {kinds[0]} and the target {target} is {kinds[1]}"


@pytest.mark.parametrize("where", ["source", "target"])
async def test_names_that_mean_links_to_rclone_are_refused_by_it(
    local: LocalExecutor, mover: Mover, source: Path, tmp_path: Path, where: str
) -> None:
    target = tmp_path / "target"
    target.mkdir()
    (tmp_path / where / "directory").mkdir(exist_ok=True)
    (tmp_path / where / "directory" / "inner.rclonelink").write_text("no link")
    work = order("sync", {"src": str(source), "dst": str(target), "options": "--delete"})
    if isinstance(mover, Rclone):
        (target / "file").mkdir()
        before = trees.snapshot(tmp_path)
        ended = await fail(local, work)
        assert "directory/inner.rclonelink" in ended.reason
        assert trees.snapshot(tmp_path) == before
    else:
        await succeed(local, work)
        assert trees.snapshot(target) == trees.snapshot(source)


async def test_links_may_have_such_names(local: LocalExecutor, source: Path, tmp_path: Path) -> None:
    (source / "x.rclonelink").symlink_to("file")
    await succeed(local, order("cp", {"src": str(source), "dst": str(tmp_path / "target")}))
    assert trees.snapshot(tmp_path / "target") == trees.snapshot(source)
