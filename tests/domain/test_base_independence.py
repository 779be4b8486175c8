"""Whatever version of the record a frontend's save was based on, the same record results (design §1, contract §4)."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.logs import line_instant
from domain.reconcile import reconcile
from domain.record import Record
from domain.task import Task
from domain.testing import EPOCH, FrontendWrite, Race, frontend_writes, races
from domain.values import TaskStatus

S = TaskStatus


def as_seen(version: Record, race: Race) -> Record:
    """Return a version without what no read of ours ever saw: when it is overwritten, it is lost for good.

    That is lines, and another save's word ``cancelled``, which a save that sets no status carries along. In a later
    generation that word counts only beside a line of the frontend's, so what was read before may count later.
    """
    lines = tuple(line for line in version.logs if line in race.task.lines)
    heard = version.status != S.CANCELLED or (version in race.read and race.task.generation == 1)
    return replace(version, logs=lines, status=version.status if heard else str(race.task.status))


def outcome(race: Race, write: FrontendWrite, base: Record) -> tuple[Task, Record | None]:
    met = reconcile(race.task, write(as_seen(base, race)), EPOCH)
    return met.task, met.record


@pytest.mark.parametrize("keeps_unknown", [False, True])
@given(data=st.data())
def test_the_same_record_results_from_every_base(keeps_unknown: bool, data: st.DataObject) -> None:
    race = data.draw(races(keeps_unknown=keeps_unknown))
    write = data.draw(frontend_writes(keeps_unknown))
    expected = outcome(race, write, race.record)
    for version in race.versions:
        assert outcome(race, write, version) == expected


@given(races(), frontend_writes())
def test_lines_that_no_read_saw_are_the_only_difference(race: Race, write: FrontendWrite) -> None:
    """The law for saves that say a status, without the help of :func:`as_seen`; of a first generation, where no line
    decides whether a cancel counts.
    """
    if race.task.generation > 1 or write.status is None:
        return
    expected = reconcile(race.task, write(race.record), EPOCH)
    assert expected.record is not None
    unseen = {line for version in race.versions for line in version.logs} - set(race.task.lines)
    for version in race.versions:
        found = reconcile(race.task, write(version), EPOCH)
        assert found.record is not None
        assert replace(found.record, logs=()) == replace(expected.record, logs=())
        assert set(found.record.logs) ^ set(expected.record.logs) <= unseen


@given(races(), frontend_writes(), st.data())
def test_a_new_line_without_a_time_differs_in_its_place_alone(
    race: Race, write: FrontendWrite, data: st.DataObject
) -> None:
    """It stays behind its predecessor, which is another one in another version. Frontends write no such lines."""

    def logs_after(version: Record) -> tuple[str, ...]:
        saved = write(as_seen(version, race))
        met = reconcile(race.task, replace(saved, logs=(*saved.logs, "Traceback")), EPOCH)
        assert met.record is not None
        return met.record.logs

    expected = logs_after(race.record)
    found = logs_after(data.draw(st.sampled_from(race.versions)))
    assert set(found) == set(expected)
    assert [line for line in found if line_instant(line)] == [line for line in expected if line_instant(line)]


@given(races(), st.lists(frontend_writes(), min_size=2, max_size=4), st.data())
def test_saves_one_over_the_other_leave_what_the_last_one_says(
    race: Race, writes: list[FrontendWrite], data: st.DataObject
) -> None:
    for write in writes[:-1]:
        race.save(write, data.draw(st.sampled_from(race.versions)))
    base = data.draw(st.sampled_from(race.versions))
    first = outcome(race, writes[-1], base)
    race.save(writes[-1], as_seen(base, race))
    race.reconcile(EPOCH)
    assert (race.task, race.record) == first
