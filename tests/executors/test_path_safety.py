"""No path leads outside its root: not as it was named, and not after a swap."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from adapters.executors.local.executor import LocalExecutor
from adapters.executors.local.movers.base import Mover
from adapters.executors.local.supervisor.confine import landlock_version
from domain.execution import Failed, Report, Succeeded
from domain.ports import Execution
from tests.executors import trees
from tests.executors.conftest import MakeLocal
from tests.executors.driving import CLOCK, Ended, begin, fail, follow, order, succeed
from tests.executors.fake_movers import with_script
from tests.support.needs import unavailable


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """The allowed root, with a tree in it."""
    root = tmp_path / "root"
    (root / "tree" / "inner").mkdir(parents=True)
    (root / "tree" / "inner" / "file").write_text("harmless")
    return root


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    """What lies beside the root."""
    outside = tmp_path / "outside"
    (outside / "inner").mkdir(parents=True)
    (outside / "inner" / "file").write_text("secret")
    return outside


def with_roots(mover: Mover, *roots: Path) -> LocalExecutor:
    return LocalExecutor(mover, [str(root) for root in roots], CLOCK, run_as="service", report_every_s=0.05)


@pytest.mark.parametrize("service", ["sync", "cp"])
@pytest.mark.parametrize("below", ["", "/inner", "/inner/file"])
async def test_a_link_on_the_way_is_refused(
    make_local: MakeLocal, root: Path, outside: Path, service: str, below: str
) -> None:
    (root / "link").symlink_to(outside)
    before = trees.snapshot(root.parent)
    for source, target in (
        (f"{root}/link{below}", f"{root}/new"),
        (f"{root}/tree{below}", f"{root}/link{below}"),
        (f"{root}/tree", f"{root}/link/new"),
    ):
        ended = await fail(make_local(root), order(service, {"src": source, "dst": target}))
        assert "symbolic link" in ended.reason
    assert trees.snapshot(root.parent) == before


async def test_a_link_is_refused_even_where_it_stays_in_the_root(make_local: MakeLocal, root: Path) -> None:
    """Whoever made it could lead another user's task with it."""
    (root / "link").symlink_to("tree")
    ended = await fail(make_local(root), order("cp", {"src": f"{root}/link/inner", "dst": f"{root}/new"}))
    assert ended.reason == f"{root}/link is a symbolic link, and no path may lead through one: name the real path"


async def test_the_root_itself_may_be_a_link(make_local: MakeLocal, root: Path) -> None:
    alias = root.parent / "alias"
    alias.symlink_to(root)
    await succeed(make_local(alias), order("sync", {"src": f"{alias}/tree", "dst": f"{alias}/copy"}))
    assert trees.content(root / "copy") == trees.content(root / "tree")


async def test_a_root_may_be_copied_from(mover: Mover, root: Path, tmp_path: Path) -> None:
    (tmp_path / "second").mkdir()
    await succeed(
        with_roots(mover, root, tmp_path / "second"),
        order("sync", {"src": str(root), "dst": f"{tmp_path}/second/copy"}),
    )
    assert trees.content(tmp_path / "second" / "copy") == trees.content(root)


async def test_the_root_of_the_file_system_may_be_the_allowed_root(make_local: MakeLocal, root: Path) -> None:
    executor = make_local(Path("/"))
    await succeed(executor, order("sync", {"src": f"{root}/tree", "dst": f"{root}/copy"}))
    assert trees.content(root / "copy") == trees.content(root / "tree")
    await succeed(executor, order("rm", {"path": f"{root}/copy"}))
    assert not (root / "copy").exists()


@pytest.mark.parametrize("inner", ["source", "target"])
async def test_source_and_target_may_not_lie_in_one_another_by_other_names(
    mover: Mover, root: Path, inner: str
) -> None:
    alias = root.parent / "alias"
    alias.symlink_to(root / "tree")
    executor = with_roots(mover, root, alias)
    if inner == "source":
        paths = {"src": f"{alias}/inner", "dst": f"{root}/tree"}
    else:
        paths = {"src": f"{root}/tree", "dst": f"{alias}/inner"}
    ended = await fail(executor, order("cp", paths))
    assert ended.reason == f"the source {paths['src']} and the target {paths['dst']} lie in one another"


async def test_a_new_target_may_not_lie_in_the_source_by_another_name(mover: Mover, root: Path) -> None:
    alias = root.parent / "alias"
    alias.symlink_to(root / "tree")
    executor = with_roots(mover, root, alias)
    ended = await fail(executor, order("cp", {"src": f"{root}/tree", "dst": f"{alias}/new"}))
    assert ended.reason == f"the target {alias}/new lies in the source {root}/tree"


class Gate:
    """A fifo that a script waits at, until the test has seen it arrive and has done its worst."""

    def __init__(self, path: Path) -> None:
        os.mkfifo(path)
        # Open for both, so that neither side ever waits for the other to open it.
        self._fd = os.open(path, os.O_RDWR)
        self.is_open = False

    async def pass_through(self, execution: Execution, do: Callable[[], None]) -> Ended:
        """Follow to the end; when the script is at the gate, ``do`` something and let it through."""

        def at_report(report: Report) -> None:
            said = report.result.launcher_output if report.result else None
            if not self.is_open and said and "at the gate" in said:
                self.is_open = True
                do()
                os.write(self._fd, b"go\n")

        try:
            return await follow(execution, at_report)
        finally:
            os.close(self._fd)


WAIT = 'echo at the gate; read go < "$2/gate"; '


async def test_a_swap_of_a_directory_above_does_not_move_the_work(root: Path, outside: Path) -> None:
    for place in ("from", "to/new"):
        (root / place).mkdir(parents=True)
    (root / "tree").rename(root / "from" / "tree")
    (outside / "tree").mkdir()
    (outside / "inner").rename(outside / "tree" / "inner")
    (outside / "new").mkdir()

    def swap() -> None:
        for place in ("from", "to"):
            (root / place).rename(root / f"{place} moved")
            (root / place).symlink_to(outside)

    gate = Gate(root / "to" / "new" / "gate")
    executor = with_script(root, WAIT + 'cat "$1/inner/file" > "$2/result"')
    execution = await begin(executor, order("cp", {"src": f"{root}/from/tree", "dst": f"{root}/to/new"}))
    ended = await gate.pass_through(execution, swap)
    assert isinstance(ended.outcome, Succeeded)
    assert (root / "to moved" / "new" / "result").read_text() == "harmless"
    assert not (outside / "new" / "result").exists()


READ_INSIDE = WAIT + 'cat "$1/inner/file" > "$2/result"'
WRITE_INSIDE = WAIT + 'echo overwritten > "$2/inner/file"'


async def swap_inside(root: Path, outside: Path, text: str, swapped: Path, *, confine: bool) -> Ended:
    """Swap a directory inside a tree for a link while a mover walks it."""
    (root / "target" / "inner").mkdir(parents=True)

    def swap() -> None:
        swapped.rename(root / "moved")
        swapped.symlink_to(outside / "inner")

    gate = Gate(root / "target" / "gate")
    executor = with_script(root, text, confine=confine)
    execution = await begin(executor, order("cp", {"src": f"{root}/tree", "dst": f"{root}/target"}))
    return await gate.pass_through(execution, swap)


def require_landlock() -> None:
    if not landlock_version():
        unavailable("this kernel has no Landlock", "Run it on a kernel of 5.13 or newer that has it switched on.")


async def test_the_kernel_lets_a_mover_read_nothing_outside_its_source(root: Path, outside: Path) -> None:
    require_landlock()
    ended = await swap_inside(root, outside, READ_INSIDE, root / "tree" / "inner", confine=True)
    assert isinstance(ended.outcome, Failed)
    assert "Permission denied" in ended.output
    assert (root / "target" / "result").read_text() == ""


async def test_the_kernel_lets_a_mover_write_nothing_outside_its_target(root: Path, outside: Path) -> None:
    require_landlock()
    before = trees.snapshot(outside)
    ended = await swap_inside(root, outside, WRITE_INSIDE, root / "target" / "inner", confine=True)
    assert isinstance(ended.outcome, Failed)
    assert "Permission denied" in ended.output
    assert trees.snapshot(outside) == before


async def test_without_confinement_such_a_swap_would_lead_outside(root: Path, outside: Path) -> None:
    """What the two tests above would be worth if the swap were harmless anyway."""
    ended = await swap_inside(root, outside, READ_INSIDE, root / "tree" / "inner", confine=False)
    assert isinstance(ended.outcome, Succeeded)
    assert (root / "target" / "result").read_text() == "secret"


async def test_real_movers_tell_times_to_the_nanosecond_when_confined(make_local: MakeLocal, root: Path) -> None:
    """Without a place for its temporary files, rclone takes times within a second of one another for equal."""
    file = root / "tree" / "inner" / "file"
    for text, time_ns in (("first", 1_000_000_000_000_000_001), ("later", 1_000_000_000_000_000_002)):
        file.write_text(text)
        os.utime(file, ns=(time_ns, time_ns))
        await succeed(make_local(root), order("sync", {"src": f"{root}/tree", "dst": f"{root}/copy"}))
        assert trees.snapshot(root / "copy") == trees.snapshot(root / "tree")
