"""What a ledger becomes after a fail-over: nothing that a scheduler wrote is lost, and nothing asked for since."""

from dataclasses import replace
from datetime import timedelta

from hypothesis import assume, given
from hypothesis import strategies as st

from domain.dispatch import place_of
from domain.recovery import recover
from domain.task import Task
from domain.testing import EPOCH, Player, Step, clock_readings, commands, legal_commands, tasks
from domain.values import Lease, Priority, TaskStatus

LIVE = (TaskStatus.PENDING, TaskStatus.DISPATCHING, TaskStatus.RUNNING)
LATER = EPOCH + timedelta(days=1)


ENDS = frozenset({"fail", "complete", "confirm_cancel", "request_cancel", "reopen", "refuse_retry"})


@st.composite
def two_points(
    draw: st.DrawFn, status: TaskStatus | None = None, without: frozenset[str] = frozenset()
) -> tuple[Task, Task]:
    """Two points of one history: an earlier one with this status, and the same or a later one."""
    earlier = draw(tasks(status))
    player = Player(earlier)
    for at in draw(clock_readings(4)):
        if names := [name for name in legal_commands(player.task) if name not in without]:
            player.play(Step(replace(draw(commands(*names)), stale=False), at))
    return earlier, player.task


@given(two_points())
def test_what_the_store_still_knows_is_left_alone(points: tuple[Task, Task]) -> None:
    earlier, later = points
    assert recover(kept=earlier, found=later, at=LATER) is None


@given(two_points())
def test_what_the_store_lost_is_written_again(points: tuple[Task, Task]) -> None:
    earlier, later = points
    restored = recover(kept=later, found=earlier, at=LATER) or earlier
    assert (restored.status, restored.lease, restored.generation) == (later.status, later.lease, later.generation)
    assert place_of(restored) == place_of(later)
    assert [each.number for each in restored.attempts] == [each.number for each in later.attempts]
    assert set(restored.lines) == set(later.lines)


@given(tasks())
def test_a_ledger_that_is_gone_is_written_as_it_was(task: Task) -> None:
    assert recover(kept=task, found=None, at=LATER) == task


@given(st.sampled_from(LIVE).flatmap(two_points))
def test_a_cancel_on_the_new_server_is_kept(points: tuple[Task, Task]) -> None:
    earlier, later = points
    asked = earlier.request_cancel(LATER)
    restored = recover(kept=later, found=asked, at=LATER)
    if later.is_terminal or later.generation > earlier.generation:
        # An outcome is an outcome, and a cancel of an earlier generation reaches no later one.
        assert restored is None or restored.status is later.status
    else:
        assert (restored or asked).saw_cancel


@given(two_points())
def test_everything_that_either_side_wrote_is_in_the_log(points: tuple[Task, Task]) -> None:
    earlier, later = points
    since = earlier.learn((f"{LATER.isoformat()},written meanwhile",))
    restored = recover(kept=later, found=since, at=LATER) or since
    assert set(restored.lines) >= set(later.lines) | set(since.lines)


@given(two_points(TaskStatus.PENDING, ENDS) | two_points(TaskStatus.RUNNING, ENDS))
def test_a_priority_that_was_changed_on_the_new_server_stands(points: tuple[Task, Task]) -> None:
    earlier, later = points
    for priority in Priority:
        changed = earlier.change_priority(priority, LATER)
        if changed is not earlier:
            assert (recover(kept=later, found=changed, at=LATER) or changed).priority is priority


@given(two_points())
def test_a_record_that_was_lost_stays_lost(points: tuple[Task, Task]) -> None:
    earlier, later = points
    for kept, found in ((later, earlier.lose_record(LATER)), (later.lose_record(LATER), earlier)):
        assert (recover(kept, found, LATER) or found).record_lost


@given(two_points())
def test_recovering_twice_changes_nothing_more(points: tuple[Task, Task]) -> None:
    earlier, later = points
    restored = recover(kept=later, found=earlier, at=LATER)
    if restored is not None:
        assert recover(kept=later, found=restored, at=LATER) is None
        assert recover(kept=earlier, found=restored, at=LATER) is None


@given(tasks(TaskStatus.RUNNING))
def test_a_retry_by_an_operator_on_the_new_server_stands(running: Task) -> None:
    assert running.lease is not None
    kept = running.fail(running.lease.token, "known here only", EPOCH)
    found = running.fail(running.lease.token, "known there only", EPOCH).reopen(LATER)
    assert recover(kept, found, LATER) is None


@given(st.sampled_from((*LIVE, TaskStatus.CANCEL_REQUESTED)).flatmap(tasks))
def test_a_lease_that_was_taken_over_is_written_again_and_an_older_one_is_not(task: Task) -> None:
    held = task if task.lease is not None else task.claim(Lease("replica-1", 7, "07"))
    assert held.lease is not None
    taken = held.take_over(Lease("replica-2", held.lease.epoch + 1, "0f"))
    assert recover(kept=taken, found=held, at=LATER) == taken
    assert recover(kept=held, found=taken, at=LATER) is None


@given(two_points(TaskStatus.PENDING, ENDS))
def test_a_task_that_was_cancelled_on_the_new_server_stays_so_with_all_that_is_known(points: tuple[Task, Task]) -> None:
    earlier, later = points
    assume(earlier.lease is None)
    ended = earlier.request_cancel(LATER)
    restored = recover(kept=later, found=ended, at=LATER) or ended
    assert restored.status is TaskStatus.CANCELLED
    assert set(restored.lines) == {*ended.lines, *later.lines}


@given(tasks(), tasks(), st.sampled_from(("2031-01-01T00:00:00+00:00", "2031-01-01T10:00:00+09:00")))
def test_the_later_of_two_tasks_with_one_id_has_it(earlier: Task, later: Task, created_at: str) -> None:
    # `tasks()` also makes such as were born at no instant, or much later.
    earlier = replace(earlier, incarnation=replace(earlier.incarnation, created_at=EPOCH.isoformat()))
    later = replace(later, incarnation=replace(earlier.incarnation, created_at=created_at))
    assert recover(kept=later, found=earlier, at=LATER) == later
    assert recover(kept=earlier, found=later, at=LATER) is None


@given(tasks(), tasks())
def test_of_two_tasks_with_one_id_that_nobody_can_order_the_store_s_is_left_alone(kept: Task, found: Task) -> None:
    other = replace(found, incarnation=replace(kept.incarnation, created_at="some day"))
    assert recover(kept, other, LATER) is None
    assert recover(other, kept, LATER) is None


@given(two_points())
def test_work_that_went_on_on_the_new_server_is_not_undone_by_an_older_memory_of_it(points: tuple[Task, Task]) -> None:
    earlier, later = points
    read = f"{LATER.isoformat()},read here only"
    restored = recover(kept=earlier.learn((read,)), found=later, at=LATER) or later
    assert (restored.status, restored.lease, restored.attempts) == (later.status, later.lease, later.attempts)
    assert place_of(restored) == place_of(later)
    if later.generation == earlier.generation:
        assert set(restored.lines) >= {*later.lines, read}


@given(two_points())
def test_lines_that_an_older_ledger_learned_from_the_record_do_not_make_it_the_later_one(
    points: tuple[Task, Task],
) -> None:
    earlier, later = points
    restored = recover(kept=later, found=earlier.learn(later.lines), at=LATER) or earlier
    assert (restored.status, restored.generation) == (later.status, later.generation)
    assert [each.number for each in restored.attempts] == [each.number for each in later.attempts]


@given(tasks(TaskStatus.CANCEL_REQUESTED), st.booleans())
def test_a_cancel_that_only_a_memory_holds_reaches_work_that_went_on(asked: Task, runs: bool) -> None:
    assume(asked.lease is not None and asked.is_attempted)
    assert asked.lease is not None
    elsewhere = replace(asked.lease, epoch=asked.lease.epoch + 1)
    status = TaskStatus.RUNNING if runs else TaskStatus.DISPATCHING
    found = replace(asked, status=status, lease=elsewhere, lines=asked.lines[:1])
    restored = recover(asked, found, LATER)
    assert restored is not None
    assert (restored.status, restored.lease) == (TaskStatus.CANCEL_REQUESTED, elsewhere)
