"""A copy that finds all as it should be starts no mover; whatever is not so starts one, or is settled."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from tests.executors import trees
from tests.executors.driving import order, succeed
from tests.executors.fake_movers import Script, with_script
from tests.support.needs import require_root

COPY = Script('echo "at work"; cp --archive --force --no-target-directory "$1" "$2"')
"""Keeps what rsync keeps. (It is given no ``--delete``: that it is started is what is looked at.)"""
PLAIN_COPY = replace(COPY, settles=True)
"""Leaves attributes to the settling, as rclone does."""


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A tree of two files, a link and a directory."""
    top = tmp_path / "source"
    (top / "inner").mkdir(parents=True)
    (top / "one").write_text("one")
    (top / "inner" / "two").write_text("two")
    (top / "link").symlink_to("one")
    trees.set_times(top)
    return top


async def works(mover: Script, source: Path, target: Path, options: str = "") -> bool:
    """Sync, and tell whether the mover was started."""
    executor = with_script(target.parent, mover)
    parameters = {"src": str(source), "dst": str(target), "options": options}
    ended = await succeed(executor, order("sync", parameters))
    return "at work" in ended.output


@pytest.mark.parametrize("mover", [COPY, PLAIN_COPY])
async def test_where_all_is_there_no_mover_is_started(mover: Script, source: Path, tmp_path: Path) -> None:
    target = tmp_path / "target"
    assert await works(mover, source, target)
    before = trees.snapshot(tmp_path)
    for options in ("", "--delete"):
        assert not await works(mover, source, target, options)
    assert trees.snapshot(tmp_path) == before


@pytest.mark.parametrize("mover", [COPY, PLAIN_COPY])
async def test_a_file_that_is_there_starts_no_mover(mover: Script, source: Path, tmp_path: Path) -> None:
    assert await works(mover, source / "one", tmp_path / "copy")
    assert not await works(mover, source / "one", tmp_path / "copy")
    (source / "one").write_text("changed")
    assert await works(mover, source / "one", tmp_path / "copy")
    assert (tmp_path / "copy").read_text() == "changed"


def grow(source: Path) -> None:
    with (source / "inner" / "two").open("a") as file:
        file.write("more")


def age(source: Path) -> None:
    os.utime(source / "one", ns=(0, 1))


def lead_elsewhere(source: Path) -> None:
    (source / "link").unlink()
    (source / "link").symlink_to("inner")


def add(source: Path) -> None:
    (source / "inner" / "three").touch()


def add_directory(source: Path) -> None:
    (source / "inner" / "empty").mkdir()


def add_fifo(source: Path) -> None:
    os.mkfifo(source / "fifo")


@pytest.mark.parametrize("change", [grow, age, lead_elsewhere, add, add_directory, add_fifo])
@pytest.mark.parametrize("mover", [COPY, PLAIN_COPY])
async def test_any_difference_starts_one(
    mover: Script, change: Callable[[Path], None], source: Path, tmp_path: Path
) -> None:
    await works(mover, source, tmp_path / "target")
    change(source)
    assert await works(mover, source, tmp_path / "target")


@pytest.mark.parametrize("mover", [COPY, PLAIN_COPY])
async def test_so_does_what_only_the_target_has_where_it_is_to_be_deleted(
    mover: Script, source: Path, tmp_path: Path
) -> None:
    target = tmp_path / "target"
    await works(mover, source, target)
    (target / "inner" / "extra").touch()
    trees.set_times(source)
    assert await works(mover, source, target, "--delete")


@pytest.mark.parametrize("options", ["--contents", "--dryrun"])
async def test_so_does_a_wish_to_have_contents_read_or_to_be_told(options: str, source: Path, tmp_path: Path) -> None:
    await works(COPY, source, tmp_path / "target")
    assert await works(COPY, source, tmp_path / "target", options)


async def test_so_do_hard_links_where_the_mover_keeps_them(source: Path, tmp_path: Path) -> None:
    os.link(source / "one", source / "inner" / "same")
    trees.set_times(source)
    await works(COPY, source, tmp_path / "kept")
    assert await works(COPY, source, tmp_path / "kept")
    await works(PLAIN_COPY, source, tmp_path / "target")
    assert not await works(PLAIN_COPY, source, tmp_path / "target")


def change_mode(source: Path) -> None:
    (source / "one").chmod(0o640)


def change_mode_of_directory(source: Path) -> None:
    (source / "inner").chmod(0o750)


def change_time_of_directory(source: Path) -> None:
    os.utime(source / "inner", ns=(0, 1))


def change_time_of_top(source: Path) -> None:
    os.utime(source, ns=(0, 1))


def change_time_of_link(source: Path) -> None:
    os.utime(source / "link", ns=(0, 1), follow_symlinks=False)


ATTRIBUTES = [
    change_mode,
    change_mode_of_directory,
    change_time_of_directory,
    change_time_of_top,
    change_time_of_link,
]


@pytest.mark.parametrize("change", ATTRIBUTES)
async def test_attributes_are_settled_without_a_mover_where_it_leaves_them_to_us(
    change: Callable[[Path], None], source: Path, tmp_path: Path
) -> None:
    target = tmp_path / "target"
    await works(PLAIN_COPY, source, target)
    change(source)
    assert not await works(PLAIN_COPY, source, target)
    assert trees.snapshot(target) == trees.snapshot(source)


@pytest.mark.parametrize("change", ATTRIBUTES)
async def test_attributes_are_work_for_a_mover_that_keeps_them(
    change: Callable[[Path], None], source: Path, tmp_path: Path
) -> None:
    await works(COPY, source, tmp_path / "target")
    change(source)
    assert await works(COPY, source, tmp_path / "target")


async def test_an_owner_is_settled_without_a_mover_too(source: Path, tmp_path: Path) -> None:
    require_root()
    target = tmp_path / "target"
    await works(PLAIN_COPY, source, target)
    os.chown(source / "one", 12345, 54321)
    os.chown(source / "link", 12345, 54321, follow_symlinks=False)
    assert not await works(PLAIN_COPY, source, target)
    assert trees.snapshot(target) == trees.snapshot(source)
