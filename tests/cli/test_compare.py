"""The demo's own judge finds every kind of difference."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from entrypoints.cli.compare import compare_trees
from entrypoints.cli.demo_tree import ODD_NAMES, TreeMaker, TreeSize

SMALL = TreeSize(small_files=20, big_files=1, big_bytes=100_000)


@pytest.fixture
def trees(tmp_path: Path) -> tuple[Path, Path]:
    """A tree and a perfect copy."""
    source, copy = tmp_path / "source", tmp_path / "copy"
    TreeMaker(source, SMALL).make()
    shutil.copytree(source, copy, symlinks=True)
    return source, copy


def test_a_perfect_copy_has_no_difference(trees: tuple[Path, Path]) -> None:
    compared = compare_trees(*trees)
    assert compared.differences == ()
    assert compared.files == 20 + 1 + len(ODD_NAMES) + 2
    assert compared.links == 5
    assert compared.bytes > 100_000


def touch_later(copy: Path) -> None:
    os.utime(copy / "images" / "volume-0.raw", ns=(1, 1))


def change_one_byte(copy: Path) -> None:
    path = copy / "images" / "volume-0.raw"
    status = path.stat()
    path.chmod(0o600)
    content = bytearray(path.read_bytes())
    content[50_000] ^= 1
    path.write_bytes(content)
    path.chmod(status.st_mode & 0o7777)
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))


DAMAGE: list[tuple[Callable[[Path], object], str]] = [
    (lambda copy: (copy / "images" / "volume-0.raw").unlink(), "missing: 'images/volume-0.raw'"),
    (lambda copy: (copy / "images" / "more").touch(), "not in the source: 'images/more'"),
    (change_one_byte, "content of 'images/volume-0.raw'"),
    (touch_later, "modified_ns of 'images/volume-0.raw'"),
    (lambda copy: (copy / "odd names" / "--delete").chmod(0o777), "mode of 'odd names/--delete'"),
    (lambda copy: (copy / "empty" / "also empty").rmdir(), "missing: 'empty/also empty'"),
    (lambda copy: (copy / "deep").chmod(0o777), "mode of 'deep'"),
    (lambda copy: os.utime(copy, ns=(1, 1)), "modified_ns of '.'"),
]


@pytest.mark.parametrize(("damage", "told"), DAMAGE, ids=[told for _, told in DAMAGE])
def test_each_damage_is_found(trees: tuple[Path, Path], damage: Callable[[Path], object], told: str) -> None:
    damage(trees[1])
    assert any(difference.startswith(told) for difference in compare_trees(*trees).differences)


def test_a_link_that_leads_elsewhere_or_became_a_file_is_found(trees: tuple[Path, Path]) -> None:
    source, copy = trees
    for name in ("dangling", "to a file"):
        (copy / "links" / name).unlink()
    (copy / "links" / "dangling").symlink_to("elsewhere")
    (copy / "links" / "to a file").write_bytes((source / "links" / "to a file").read_bytes())
    told = "\n".join(compare_trees(source, copy).differences)
    assert "content of 'links/dangling' is 'elsewhere'" in told
    assert "kind of 'links/to a file' is 'file'" in told


def test_the_same_seed_makes_the_same_tree(tmp_path: Path) -> None:
    for name in ("one", "two"):
        TreeMaker(tmp_path / name, SMALL).make()
    assert compare_trees(tmp_path / "one", tmp_path / "two").differences == ()
