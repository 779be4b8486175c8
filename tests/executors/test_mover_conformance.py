"""What every mover keeps, skips and refuses: one suite, each mover in turn."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from adapters.executors.local.executor import LocalExecutor
from adapters.executors.local.movers.base import Mover
from tests.executors import trees
from tests.executors.driving import Ended, fail, order, succeed


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """The hard tree."""
    trees.build_hard_tree(tmp_path / "source")
    return tmp_path / "source"


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """A tree of three files in two directories."""
    top = tmp_path / "source"
    (top / "inner").mkdir(parents=True)
    for name in ("one", "two", "inner/three"):
        (top / name).write_text(name)
    trees.set_times(top)
    return top


async def sync(local: LocalExecutor, source: Path, target: Path, options: str = "") -> Ended:
    parameters = {"src": str(source), "dst": str(target), "options": options}
    return await succeed(local, order("sync", parameters))


@pytest.mark.parametrize("service", ["sync", "cp"])
async def test_a_hard_tree_arrives_as_it_is(local: LocalExecutor, source: Path, tmp_path: Path, service: str) -> None:
    target = tmp_path / "missing" / "parents" / "target"
    await succeed(local, order(service, {"src": str(source), "dst": str(target)}))
    assert trees.snapshot(target) == trees.snapshot(source)


async def test_a_second_sync_copies_nothing_and_changes_nothing(
    local: LocalExecutor, source: Path, tmp_path: Path
) -> None:
    await sync(local, source, tmp_path / "target")
    before = trees.snapshot(tmp_path / "target")
    again = await sync(local, source, tmp_path / "target", "--delete")
    assert again.output.splitlines()[-1] == "Nothing to copy: 43 files are there already."
    assert trees.snapshot(tmp_path / "target") == before


async def test_special_files_are_skipped_with_a_note(local: LocalExecutor, small: Path, tmp_path: Path) -> None:
    trees.add_special_files(small)
    ended = await sync(local, small, tmp_path / "target")
    assert trees.snapshot(tmp_path / "target") == trees.snapshot(small)
    for name in ("fifo", "socket"):
        assert f"{name}: skipped, it is a special file (pipe, socket or device)" in ended.output.splitlines()
        assert not (tmp_path / "target" / name).exists()


async def test_extras_stay_unless_a_sync_is_told_to_delete(local: LocalExecutor, small: Path, tmp_path: Path) -> None:
    target = tmp_path / "target"
    await sync(local, small, target)
    (target / "extra" / "deep").mkdir(parents=True)
    (target / "extra" / "deep" / "file").touch()
    (target / "extra link").symlink_to("one")
    await sync(local, small, target)
    await succeed(local, order("cp", {"src": str(small), "dst": str(target)}))
    assert (target / "extra" / "deep" / "file").exists()
    assert (target / "extra link").is_symlink()
    await sync(local, small, target, "--delete")
    assert trees.snapshot(target) == trees.snapshot(small)


async def test_what_has_changed_is_copied_again(local: LocalExecutor, small: Path, tmp_path: Path) -> None:
    target = tmp_path / "target"
    await sync(local, small, target)
    (small / "one").write_text("another content")
    (small / "link").symlink_to("one")
    (small / "inner" / "three").unlink()
    (small / "inner" / "three").symlink_to("../two")
    await sync(local, small, target, "--delete")
    (small / "link").unlink()
    (small / "link").symlink_to("two")
    await sync(local, small, target, "--delete")
    assert trees.snapshot(target) == trees.snapshot(small)


async def test_a_change_of_mode_alone_is_brought_over(local: LocalExecutor, small: Path, tmp_path: Path) -> None:
    await sync(local, small, tmp_path / "target")
    (small / "one").chmod(0o640)
    (small / "inner").chmod(0o2750)
    small.chmod(0o700)
    await sync(local, small, tmp_path / "target")
    assert trees.snapshot(tmp_path / "target") == trees.snapshot(small)


@pytest.mark.root
async def test_root_brings_owners_over(local: LocalExecutor, small: Path, tmp_path: Path) -> None:
    await sync(local, small, tmp_path / "target")
    (small / "link").symlink_to("one")
    for number, name in enumerate(("one", "inner", "inner/three", "link", ".")):
        os.chown(small / name, 70_001 + number, 80_001 + number, follow_symlinks=False)
    (small / "one").chmod(0o4755)
    await sync(local, small, tmp_path / "target")
    assert trees.snapshot(tmp_path / "target") == trees.snapshot(small)


async def test_times_and_sizes_decide_unless_contents_are_asked_for(
    local: LocalExecutor, small: Path, tmp_path: Path
) -> None:
    target = tmp_path / "target"
    await sync(local, small, target)
    status = (target / "one").stat()
    (target / "one").write_text("eno")
    os.utime(target / "one", ns=(status.st_atime_ns, status.st_mtime_ns))
    await sync(local, small, target)
    assert (target / "one").read_text() == "eno"
    await sync(local, small, target, "--contents")
    assert trees.snapshot(target) == trees.snapshot(small)


async def test_with_contents_a_change_of_time_alone_is_brought_over(
    local: LocalExecutor, small: Path, tmp_path: Path
) -> None:
    await sync(local, small, tmp_path / "target")
    os.utime(tmp_path / "target" / "one", ns=(1, 1))
    await sync(local, small, tmp_path / "target", "--contents")
    assert trees.snapshot(tmp_path / "target") == trees.snapshot(small)


async def test_a_dry_run_changes_nothing_and_says_what_it_would(
    local: LocalExecutor, small: Path, tmp_path: Path
) -> None:
    target = tmp_path / "target"
    target.mkdir()
    (target / "extra").touch()
    before = trees.snapshot(tmp_path)
    ended = await sync(local, small, target, "--delete --dryrun")
    assert trees.snapshot(tmp_path) == before
    assert {"would copy one", "would copy inner/three", "would delete extra"} <= set(ended.output.splitlines())
    assert ended.output.splitlines()[-1] == "Nothing was changed (--dryrun)."


async def test_a_dry_run_makes_no_directories(local: LocalExecutor, small: Path, tmp_path: Path) -> None:
    ended = await sync(local, small, tmp_path / "not" / "there" / "yet", "--dryrun")
    assert "would copy one" in ended.output
    assert not (tmp_path / "not").exists()


async def test_numbers_are_passed_on(local: LocalExecutor, small: Path, tmp_path: Path) -> None:
    await sync(local, small, tmp_path / "target", "--transfers 2 --checkers=3 --bwlimit 1G")
    assert trees.snapshot(tmp_path / "target") == trees.snapshot(small)


@pytest.mark.parametrize("service", ["sync", "cp"])
@pytest.mark.parametrize("name", [b"plain", b"-rf", b"new\nline", b"host:path", b"not UTF-8 \xdf\xff"])
async def test_one_file_is_copied_to_one_name(
    local: LocalExecutor, source: Path, tmp_path: Path, service: str, name: bytes
) -> None:
    file = Path(os.fsdecode(os.path.join(os.fsencode(source), name)))
    target = tmp_path / "targets" / os.fsdecode(name)
    for _ in range(2):
        await succeed(local, order(service, {"src": str(file), "dst": str(target)}))
        assert trees.snapshot(target) == trees.snapshot(file)
        assert [entry.name for entry in target.parent.iterdir()] == [target.name]


@pytest.mark.parametrize("service", ["sync", "cp"])
async def test_a_file_replaces_a_file(local: LocalExecutor, small: Path, tmp_path: Path, service: str) -> None:
    target = tmp_path / "target"
    target.write_text("older and longer")
    await succeed(local, order(service, {"src": str(small / "one"), "dst": str(target)}))
    assert trees.snapshot(target) == trees.snapshot(small / "one")


async def test_a_missing_source_is_the_users_mistake(local: LocalExecutor, tmp_path: Path) -> None:
    ended = await fail(local, order("sync", {"src": str(tmp_path / "no"), "dst": str(tmp_path / "target")}))
    assert ended.reason == f"there is no source {tmp_path / 'no'}"
    assert not (tmp_path / "target").exists()


async def test_a_source_below_a_missing_directory_is_missing(local: LocalExecutor, tmp_path: Path) -> None:
    ended = await fail(local, order("cp", {"src": str(tmp_path / "no" / "file"), "dst": str(tmp_path / "target")}))
    assert ended.reason == f"there is no source {tmp_path / 'no' / 'file'}"


@pytest.mark.parametrize("kind", ["link", "fifo"])
async def test_a_source_is_a_file_or_a_directory(local: LocalExecutor, tmp_path: Path, kind: str) -> None:
    source = tmp_path / "source"
    if kind == "link":
        source.symlink_to("/etc")
    else:
        os.mkfifo(source)
    ended = await fail(local, order("cp", {"src": str(source), "dst": str(tmp_path / "target")}))
    assert ended.reason.startswith(f"the source {source} is a ")
    assert not (tmp_path / "target").exists()


async def test_hard_links_are_kept_by_rsync_alone(
    local: LocalExecutor, mover: Mover, small: Path, tmp_path: Path
) -> None:
    os.link(small / "one", small / "inner" / "same")
    await sync(local, small, tmp_path / "target")
    kept = (tmp_path / "target" / "one").stat().st_nlink == 2
    assert kept == (mover.name == "rsync")
