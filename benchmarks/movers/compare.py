"""What the service adds to the program that moves the data, and which program is the fastest."""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, fields
from pathlib import Path

from benchmarks.movers.contestants import Contestant, bare_movers, through_service
from benchmarks.movers.trees import change, extent, large_file, mixed_tree, small_files
from benchmarks.report import show_json, show_table
from benchmarks.spread import Spread, spreads

SERVED = ("rclone", "rsync")
LARGE, SMALL, MIXED = "one large file", "small files", "mixed tree"


@dataclass(frozen=True, slots=True)
class Round:
    """Seconds of one contestant's round with one tree."""

    cold: float
    """Nothing is there yet."""
    nothing_to_do: float
    """All is there."""
    warm: float
    """An older copy of each file is there."""


BOUNDS = {(LARGE, "cold"): 1.03, (SMALL, "cold"): 1.05, (SMALL, "nothing_to_do"): 1.2}
"""Most that the service may take, in times of what its bare mover takes (issue "Fast")."""


def movers(
    *,
    large_mib: int = 2048,
    small: int = 20_000,
    small_bytes: int = 4096,
    mixed: int = 2000,
    rounds: int = 5,
    directory: Path | None = None,
) -> int:
    """Compare `sync` through the service with bare rclone, rsync, cp -a and a copy_file_range loop.

    Each round, everyone in turn copies each tree to where nothing is, then again with nothing to do, then over an
    older copy; whose turn is first changes from round to round. What was written is on disk before the next turn
    begins, and the source stays in the page cache. The bare movers get the arguments that the service gives them. Of
    the service, the time from submit to the record's end counts.

    Args:
        large_mib: Size of the large file in MiB.
        small: How many small files.
        small_bytes: Size of each in bytes.
        mixed: How many files in the mixed tree.
        rounds: How many.
        directory: Where the trees are made, for a short while; the system's temporary directory by default.
    """
    with ExitStack() as stack:
        root = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="dms-movers-", dir=directory))).resolve()
        trees = {LARGE: root / "large", SMALL: root / "small", MIXED: root / "mixed"}
        large_file(trees[LARGE], large_mib)
        small_files(trees[SMALL], small, small_bytes)
        mixed_tree(trees[MIXED], mixed)
        contestants = bare_movers()
        for name in SERVED:
            contestants[_through(name)] = stack.enter_context(through_service(name, root))
        found = {name: _measure(source, contestants, rounds) for name, source in trees.items()}
    asked = {"large_mib": large_mib, "small": small, "small_bytes": small_bytes, "mixed": mixed, "rounds": rounds}
    return _show(asked, found)


def _through(mover: str) -> str:
    return f"{mover} through the service"


def _measure(source: Path, contestants: Mapping[str, Contestant], rounds: int) -> dict[str, list[Round]]:
    done: dict[str, list[Round]] = {name: [] for name in contestants}
    names = list(contestants)
    for index in range(rounds):
        turn = index % len(names)
        for name in names[turn:] + names[:turn]:
            done[name].append(_round(source, source.with_name("target"), contestants[name]))
    return done


def _round(source: Path, target: Path, contestant: Contestant) -> Round:
    cold, nothing_to_do = (_timed(source, target, contestant) for _ in range(2))
    change(source)
    warm = _timed(source, target, contestant)
    shutil.rmtree(target) if target.is_dir() else target.unlink()
    return Round(cold, nothing_to_do, warm)


def _timed(source: Path, target: Path, contestant: Contestant) -> float:
    copy = contestant(source, target)
    os.sync()
    began = time.perf_counter()
    copy()
    seconds = time.perf_counter() - began
    if extent(source) != extent(target):
        raise RuntimeError(f"{contestant} left {extent(target)} of {extent(source)}")
    return seconds


def _show(asked: Mapping[str, int], found: Mapping[str, Mapping[str, Sequence[Round]]]) -> int:
    for tree, done in found.items():
        rows = [(name, *map(str, spreads(of_one).values())) for name, of_one in done.items()]
        show_table(f"{tree}: seconds, median (least to most)", ("", "cold", "nothing to do", "warm"), rows)
    ratios = {
        (tree, what, name): _ratio(done[_through(name)], done[name], what)
        for tree, done in found.items()
        for what in (field.name for field in fields(Round))
        for name in SERVED
    }
    rows = [
        (tree, what, name, str(ratio), str(BOUNDS.get((tree, what), "")))
        for (tree, what, name), ratio in ratios.items()
    ]
    show_table("The service, in times of its bare mover, round by round", ("", "", "", "ratio", "bound"), rows)
    within = all(ratio.middle <= BOUNDS.get((tree, what), ratio.middle) for (tree, what, _), ratio in ratios.items())
    print(f"Bounds: {'kept' if within else 'EXCEEDED'}.")
    seconds = {
        tree: {name: {what: s.as_json() for what, s in spreads(of_one).items()} for name, of_one in done.items()}
        for tree, done in found.items()
    }
    times = {f"{tree}, {what}, {name}": ratio.as_json() for (tree, what, name), ratio in ratios.items()}
    show_json({"benchmark": "movers", **asked, "seconds": seconds, "ratios": times, "within_bound": within})
    return 0 if within else 1


def _ratio(service: Sequence[Round], bare: Sequence[Round], what: str) -> Spread:
    return Spread([getattr(ours, what) / getattr(theirs, what) for ours, theirs in zip(service, bare, strict=True)])
