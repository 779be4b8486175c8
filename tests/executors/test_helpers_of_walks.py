"""A large tree is looked at by two processes, and what comes of it is what one would have found."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from adapters.executors.local.supervisor import sharing
from adapters.executors.local.supervisor.anchors import READ_DIRECTORY, Refusal
from adapters.executors.local.supervisor.clearing import Clearing
from adapters.executors.local.supervisor.comparing import Comparison
from adapters.executors.local.supervisor.helping import Count, Helper
from adapters.executors.local.supervisor.job import Job, now

# Python 3.12 warns of a fork where there are threads, as there are in pytest and not in a supervisor.
pytestmark = pytest.mark.filterwarnings("ignore:.*multi-threaded:DeprecationWarning")


@pytest.fixture(autouse=True)
def two_processors(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 1})


@contextlib.contextmanager
def helper(directories: int, look: Callable[[int], Count | None]) -> Iterator[Helper]:
    started = Helper.start(directories, look)
    assert started is not None
    try:
        yield started
    finally:
        started.close()


def test_the_last_directory_is_looked_at_first_and_waited_for() -> None:
    with helper(3, lambda index: (index, 10 * index)) as started:
        assert started.found(2) == (2, 20)
        assert started.found(1) == (1, 10)
        assert started.found(0) == (0, 0)


def fails(_: int) -> None:
    raise ValueError("cannot look")


def is_killed(_: int) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


@pytest.mark.parametrize("look", [lambda _: None, fails, is_killed])
def test_what_a_helper_does_not_vouch_for_is_the_owners(look: Callable[[int], None]) -> None:
    with helper(3, lambda index: (1, 1) if index == 2 else look(index)) as started:
        assert [started.found(index) for index in (2, 1, 0)] == [(1, 1), None, None]


def is_at_work(index: int) -> Count:
    """Tell which process this is, and go no further."""
    if index == 0:
        signal.pause()
    return os.getpid(), 0


def test_a_helper_is_gone_when_it_is_closed() -> None:
    with helper(2, is_at_work) as started:
        found = started.found(1)
    assert found is not None
    with pytest.raises(ProcessLookupError):
        os.kill(found[0], 0)


def test_a_helper_ends_with_its_owner() -> None:
    hearing, telling = os.pipe()
    owner = os.fork()
    if owner == 0:
        try:
            Helper.start(2, lambda index: (os.write(telling, b"here"), 0) if index else is_at_work(index))
            signal.pause()
        finally:
            os._exit(1)
    os.close(telling)
    try:
        assert os.read(hearing, 4) == b"here"
        os.kill(owner, signal.SIGKILL)
        os.waitpid(owner, 0)
        assert os.read(hearing, 4) == b"", "whoever could still write has ended"
    finally:
        os.close(hearing)


def open_files() -> int:
    return len(os.listdir("/proc/self/fd"))


def test_where_no_process_can_be_started_there_is_no_helper(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> int:
        raise BlockingIOError("Resource temporarily unavailable")

    monkeypatch.setattr(os, "fork", refuse)
    before = open_files()
    assert Helper.start(3, lambda _: (1, 1)) is None
    assert open_files() == before


def test_with_one_processor_there_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0})
    assert Helper.start(3, lambda _: (1, 1)) is None


@pytest.fixture
def trees(tmp_path: Path) -> tuple[Path, Path]:
    """Two equal trees: 6 directories, with 2 in each and 3 files in each of those."""
    source, target = tmp_path / "source", tmp_path / "target"
    for number in range(36):
        directory = source / f"{number // 6}" / f"{number // 3 % 2}"
        directory.mkdir(parents=True, exist_ok=True)
        (directory / f"{number}").write_text(f"contents of {number}")
    shutil.copytree(source, target)
    return source, target


def look_at(trees: tuple[Path, Path], *, settle: bool) -> tuple[object, ...]:
    """Return all that becomes known of two trees before a copy."""
    job = a_job(settle)
    comparison, refusal = Comparison(job), ""
    source, target = (os.open(path, READ_DIRECTORY) for path in trees)
    try:
        Clearing(job, comparison).run(source, target)
    except Refusal as refused:
        refusal = str(refused)
    finally:
        os.close(source)
        os.close(target)
    if comparison.is_over:
        return comparison.is_over, refusal
    return comparison.is_over, refusal, comparison.leaves_attributes, comparison.files, comparison.bytes


def a_job(settle: bool) -> Job:
    return Job(
        account=None,
        roots=[],
        kind="copy",
        source="",
        target="",
        delete=False,
        dry_run=False,
        by_content=False,
        gone_is_done=False,
        program="",
        tree_arguments=[],
        file_arguments=[],
        reserved_suffix=".special",
        scratch=False,
        settle=settle,
        confine=False,
        grace_s=1.0,
        term_at=now(),
        kill_at=now(),
    )


def every_directory(top: Path) -> list[Path]:
    return sorted(path for path in top.rglob("*") if path.is_dir())


def leave(directory: Path) -> None:
    pass


def add(directory: Path) -> None:
    (directory / "more").touch()


def add_reserved(directory: Path) -> None:
    (directory / "more.special").touch()


def replace_directory(directory: Path) -> None:
    shutil.rmtree(directory)
    directory.touch()


def change_mode(directory: Path) -> None:
    directory.chmod(0o500)


@pytest.mark.parametrize("change", [leave, add, add_reserved, replace_directory, change_mode])
@pytest.mark.parametrize("settle", [False, True])
@pytest.mark.parametrize("which", range(0, 18, 4))
def test_two_find_what_one_finds(
    which: int,
    settle: bool,
    change: Callable[[Path], None],
    trees: tuple[Path, Path],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    change(every_directory(trees[1])[which])
    alone = look_at(trees, settle=settle)
    monkeypatch.setattr(sharing, "PAYS_FROM", 1)
    assert look_at(trees, settle=settle) == alone


def test_what_the_helper_found_equal_is_counted(trees: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sharing, "PAYS_FROM", 1)
    worker, looked_at = os.getpid(), []
    visit = Clearing._directory

    def spy(*arguments: object) -> None:
        if os.getpid() == worker:
            looked_at.append(arguments)
        visit(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(Clearing, "_directory", spy)
    assert look_at(trees, settle=False)[3] == 36
    assert len(looked_at) < 18


@pytest.mark.parametrize("files", [0, 10])
def test_a_helper_is_not_asked_for_what_is_soon_done(files: int, monkeypatch: pytest.MonkeyPatch) -> None:
    def start(*_: object) -> None:
        pytest.fail("a helper was started")

    monkeypatch.setattr(Helper, "start", start)
    comparison = Comparison(a_job(settle=False))
    shared = sharing.Sharing(comparison, lambda: None)
    shared.walk(100, lambda _: comparison.add(files, 0))
    assert comparison.files == 100 * files
