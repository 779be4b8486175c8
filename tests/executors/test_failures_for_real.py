"""Failures that real movers meet, and what becomes of them."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from adapters.executors.local.executor import LocalExecutor
from domain.execution import Failed, Report, Succeeded
from tests.executors import trees
from tests.executors.driving import begin, fail, follow, order, succeed
from tests.executors.fake_movers import Script, with_script
from tests.support.needs import unavailable


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 2 MiB."""
    path = tmp_path / "disk"
    path.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m", "dms-test", str(path)], capture_output=True)
    if mounted.returncode:
        unavailable("no tmpfs can be mounted", "Run it where root may mount.")
    try:
        yield path
    finally:
        subprocess.run(["umount", "--lazy", str(path)], check=True)


@pytest.mark.root
async def test_a_full_disk_fails_for_good_and_says_so(local: LocalExecutor, tmp_path: Path, small_disk: Path) -> None:
    source = tmp_path / "source"
    source.mkdir()
    (source / "fits").write_bytes(os.urandom(2**10))
    (source / "too big").write_bytes(os.urandom(2**22))
    ended = await fail(local, order("sync", {"src": str(source), "dst": f"{small_disk}/target"}))
    assert isinstance(ended.outcome, Failed)
    assert not ended.outcome.transient
    assert ended.reason.startswith("the target's file system is full: ")
    assert ended.output.splitlines()[0] in ended.reason
    assert "/proc/self" not in ended.output


@pytest.mark.slow
async def test_a_file_that_vanishes_while_it_is_copied_is_no_failure(local: LocalExecutor, tmp_path: Path) -> None:
    source, target = tmp_path / "source", tmp_path / "target"
    source.mkdir()
    (source / "a big one").write_bytes(os.urandom(3 * 2**20))
    for number in range(3):
        (source / f"vanishing {number}").write_bytes(b"x")
    (source / "z stays").write_bytes(b"stays")
    options = "--bwlimit 1M --transfers 1"
    execution = await begin(local, order("sync", {"src": str(source), "dst": str(target), "options": options}))

    def at_report(report: Report) -> None:
        if report.progress is not None and 0 < report.progress.bytes_done < 2**21:
            for number in range(3):
                (source / f"vanishing {number}").unlink(missing_ok=True)

    ended = await follow(execution, at_report)
    assert isinstance(ended.outcome, Succeeded), ended.outcome
    assert trees.content(target) == trees.content(source)
    assert sum("vanished while it was copied" in line for line in ended.output.splitlines()) == 3


async def test_a_copy_that_its_mover_only_says_it_made_is_found_out(tmp_path: Path) -> None:
    source = tmp_path / "source"
    (source / "inner").mkdir(parents=True)
    for name in ("missing", "shorter", "older", "kind", "inner/missing"):
        (source / name).write_text("content")
    (source / "link").symlink_to("missing")
    script = Script(
        'mkdir "$2/inner" "$2/kind"; printf cont > "$2/shorter"; printf content > "$2/older"; ln -s other "$2/link"',
        settles=True,
    )
    ended = await fail(with_script(tmp_path, script), order("cp", {"src": str(source), "dst": f"{tmp_path}/copy"}))
    assert isinstance(ended.outcome, Failed)
    assert ended.reason.startswith("the copy is not complete: ")
    assert ended.reason.endswith(" (and 5 more)")
    assert set(ended.output.splitlines()[:-1]) == {
        "missing: was not copied",
        "inner/missing: was not copied",
        "shorter: was not copied as it is in the source",
        "older: was not copied as it is in the source",
        "kind: is a file in the source and a directory in the target",
        "link: leads elsewhere than in the source",
    }


async def test_what_changes_while_it_is_copied_is_no_failure(tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.mkdir()
    (source / "grows").write_text("content")
    script = Script('cp -p "$1/grows" "$2/grows"; exec 3>"$2/ready"; echo ready; read go < "$2/gate"', settles=True)
    (tmp_path / "copy").mkdir()
    os.mkfifo(tmp_path / "copy" / "gate")
    gate = os.open(tmp_path / "copy" / "gate", os.O_RDWR)
    work = order("cp", {"src": str(source), "dst": f"{tmp_path}/copy"})
    execution = await begin(with_script(tmp_path, script), work)

    def at_report(report: Report) -> None:
        assert report.result is not None
        if report.result.launcher_output == "ready":
            (source / "grows").write_text("longer content")
            (source / "new").touch()
            os.write(gate, b"go\n")

    ended = await follow(execution, at_report)
    os.close(gate)
    assert isinstance(ended.outcome, Succeeded), ended.outcome
    assert (tmp_path / "copy" / "grows").read_text() == "content"


async def test_a_program_that_cannot_be_started_says_why(tmp_path: Path) -> None:
    (tmp_path / "source").mkdir()
    program = tmp_path / "program"
    program.write_text("#!/no/such/interpreter\n")
    work = order("cp", {"src": f"{tmp_path}/source", "dst": f"{tmp_path}/copy"})
    executor = with_script(tmp_path, Script("", program=str(program)))
    program.chmod(0o644)
    assert "script could not be started: cannot start" in (await fail(executor, work)).reason
    program.chmod(0o755)
    assert "script could not be started: cannot start" in (await fail(executor, work)).reason
    program.unlink()
    assert (await fail(executor, work)).reason == f"cannot start {program}: no such file or directory"


async def test_the_movers_own_words_come_first_and_name_the_users_paths(tmp_path: Path) -> None:
    (tmp_path / "source").mkdir()
    script = Script('echo fine; echo "error: cannot read $1/x: Input/output error"; echo also fine; exit 3')
    work = order("cp", {"src": f"{tmp_path}/source", "dst": f"{tmp_path}/copy"})
    ended = await fail(with_script(tmp_path, script), work)
    said = f"error: cannot read {tmp_path}/source/x: Input/output error"
    assert ended.reason == f"the storage reported an error: {said}"
    assert ended.output.splitlines() == [said, "fine", "also fine", ended.reason]
    assert isinstance(ended.outcome, Failed)
    assert ended.outcome.transient
    assert ended.outcome.result is not None
    assert ended.outcome.result.pod_status == "local: Failed"


async def test_output_without_end_stays_bounded(tmp_path: Path) -> None:
    (tmp_path / "source").mkdir()
    script = Script("yes 'a line of a mover' | head -n 200000; head -c 1000000 /dev/zero | tr '\\0' x; echo; exit 0")
    work = order("cp", {"src": f"{tmp_path}/source", "dst": f"{tmp_path}/copy"})
    ended = await succeed(with_script(tmp_path, script), work)
    assert len(ended.output.splitlines()) == 50
    assert len(ended.output) <= 50 * 401
