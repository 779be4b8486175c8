"""Numbers in memory, by itself and shared by workers."""

from __future__ import annotations

import mmap
from collections.abc import Mapping
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from adapters.metrics.cells import SIZE, Cells
from adapters.metrics.workers import Counted, WorkerCells

NAMES = st.text(max_size=30).filter(lambda text: text.isascii() or text.isprintable())


@given(st.dictionaries(NAMES, st.lists(st.floats(allow_nan=False), min_size=1, max_size=9), max_size=12))
def test_whoever_opens_the_memory_later_finds_every_row(written: Mapping[str, list[float]]) -> None:
    memory = mmap.mmap(-1, SIZE)
    cells = Cells(memory)
    for name, values in written.items():
        row = cells.row(name, len(values))
        for place, value in enumerate(values):
            row[place] = value
    later = Cells(memory)
    assert {name: list(row) for name, row in later.rows()} == dict(written)
    for name, values in written.items():
        assert list(later.row(name, len(values))) == values


def test_a_row_is_found_again_and_rows_do_not_touch() -> None:
    cells = Cells()
    one, other = cells.row("one", 2), cells.row("other", 3)
    one[1] += 1.5
    other[0] += 2.0
    assert cells.row("one", 2) == one
    assert (list(one), list(other)) == ([0.0, 1.5], [2.0, 0.0, 0.0])


def everybodys(cells: WorkerCells) -> list[tuple[bool, Mapping[str, tuple[float, ...]]]]:
    return sorted(((each.is_alive, each.rows) for each in cells.everybodys()), key=repr)


def test_a_process_by_itself_sees_itself() -> None:
    cells = WorkerCells()
    cells.own.row("x", 1)[0] += 1.0
    assert list(cells.everybodys()) == [Counted(True, {"x": (1.0,)})]
    cells.close()


def test_workers_see_one_another_as_they_count(tmp_path: Path) -> None:
    one, other = WorkerCells(tmp_path), WorkerCells(tmp_path)
    one.own.row("x", 1)[0] += 1.0
    row = other.own.row("x", 1)
    for _ in range(3):
        row[0] += 1.0
    assert everybodys(one) == everybodys(other) == [(True, {"x": (1.0,)}), (True, {"x": (3.0,)})]
    one.close()
    other.close()


def test_what_a_dead_worker_has_counted_is_still_there_and_its_successor_goes_on(tmp_path: Path) -> None:
    living, dying = WorkerCells(tmp_path), WorkerCells(tmp_path)
    dying.own.row("x", 1)[0] += 5.0
    dying.close()
    assert everybodys(living) == [(False, {"x": (5.0,)}), (True, {})]
    successor = WorkerCells(tmp_path)
    successor.own.row("x", 1)[0] += 1.0
    assert everybodys(living) == everybodys(successor) == [(True, {"x": (6.0,)}), (True, {})]
    assert len(list(tmp_path.iterdir())) == 2
    living.close()
    successor.close()
