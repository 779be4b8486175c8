"""The driver: it enumerates exactly what there is, and says so when something is amiss."""

import asyncio
from collections import Counter
from collections.abc import Iterator
from math import comb

import pytest

from tests.frontend.interleaving import (
    Choices,
    Diverged,
    Interleaver,
    Stuck,
    TooMany,
    VirtualClock,
    explore,
    replay,
    sample,
)
from tests.frontend.standin.steps import Step


async def take(world: Interleaver, name: str, count: int, **options: bool) -> None:
    for number in range(count):
        await world.at(Step(f"{name}{number}", "1", **options))


def traces(first: int, second: int, *, reads_only: bool = False, **options: object) -> list[tuple[str, ...]]:
    def run(choices: Choices) -> tuple[str, ...]:
        world = Interleaver(choices, **options)  # type: ignore[arg-type]

        async def main() -> None:
            await asyncio.gather(
                take(world, "a", first, reads_only=reads_only), take(world, "b", second, reads_only=reads_only)
            )

        world.run(main())
        return tuple(step.name for step in world.trace)

    return list(explore(run))


@pytest.mark.parametrize(("first", "second"), [(0, 0), (1, 1), (3, 2), (5, 5)])
def test_every_order_of_two_actors_comes_once(first: int, second: int) -> None:
    found = traces(first, second)
    assert len(found) == len(set(found)) == comb(first + second, first)


def test_pruning_leaves_one_order_of_independent_steps() -> None:
    assert len(traces(4, 4, reads_only=True, prune=True)) == 1


def test_pruning_leaves_every_order_of_dependent_steps() -> None:
    assert len(traces(3, 3, prune=True)) == comb(6, 3)


def test_ignored_steps_are_no_choice() -> None:
    assert len(traces(2, 2, ignored={"a0", "a1"})) == 1


def test_no_preemption_lets_each_actor_run_to_its_end() -> None:
    assert sorted(traces(3, 3, preemptions=0)) == [
        ("a0", "a1", "a2", "b0", "b1", "b2"),
        ("b0", "b1", "b2", "a0", "a1", "a2"),
    ]


def test_one_preemption_adds_the_orders_with_one_interruption() -> None:
    # Besides the two plain orders: an actor is interrupted after 1 or 2 of its steps, and the other runs to its end.
    assert len(traces(3, 3, preemptions=1)) == 2 + 2 * 2


def counting(choices: Choices, **options: bool) -> int:
    """Two actors add 1 to a number by reading and writing it."""
    world = Interleaver(choices, **options)  # type: ignore[arg-type]
    number = 0

    async def add_one() -> None:
        nonlocal number
        await world.at(Step("read", "1", reads_only=True))
        seen = number
        await world.at(Step("write", "1"))
        number = seen + 1

    async def main() -> int:
        await asyncio.gather(add_one(), add_one())
        return number

    return world.run(main())


def test_a_lost_update_is_found() -> None:
    assert Counter(explore(counting)) == {2: 2, 1: 4}


def test_pruning_misses_no_outcome() -> None:
    pruned = list(explore(lambda choices: counting(choices, prune=True)))
    assert set(pruned) == {1, 2}
    assert len(pruned) < 6


def test_samples_depend_on_the_seed_alone() -> None:
    assert list(sample(counting, range(50))) == list(sample(counting, range(50)))
    assert set(sample(counting, range(50))) == {1, 2}


def test_an_enumeration_that_is_too_large_is_an_error() -> None:
    with pytest.raises(TooMany):
        list(explore(counting, limit=5))
    assert len(list(explore(counting, limit=6))) == 6


def test_a_run_that_fails_can_be_done_again() -> None:
    def run(choices: Choices) -> int:
        result = counting(choices)
        assert result == 2
        return result

    with pytest.raises(AssertionError) as caught:
        list(explore(run))
    (note,) = [note for note in caught.value.__notes__ if "replay" in note]
    script = [int(digit) for digit in note if digit.isdigit()]
    with pytest.raises(AssertionError):
        replay(run, script)


def test_a_run_that_is_not_repeatable_is_an_error() -> None:
    calls: Iterator[int] = iter(range(100))

    def run(choices: Choices) -> None:
        choices.choose(2 + next(calls) % 2, "something")
        choices.choose(2, "more")

    with pytest.raises(Diverged):
        list(explore(run))


def first_run(coroutine: object, **options: object) -> object:
    def run(choices: Choices) -> object:
        return Interleaver(choices, **options).run(coroutine)  # type: ignore[arg-type]

    return next(explore(run))


def test_a_wait_for_nothing_is_an_error() -> None:
    async def main() -> None:
        await asyncio.Event().wait()

    with pytest.raises(Stuck, match="main"):
        first_run(main())


def test_the_crash_of_a_background_task_is_an_error() -> None:
    async def crash() -> None:
        raise LookupError("nobody looks")

    async def main() -> None:
        crashing = asyncio.create_task(crash())
        await asyncio.sleep(1)
        assert crashing.done()

    with pytest.raises(LookupError):
        first_run(main())


def test_an_exception_that_somebody_took_is_no_crash() -> None:
    async def crash() -> None:
        raise LookupError("somebody looks")

    async def main() -> str:
        try:
            await asyncio.create_task(crash())
        except LookupError as error:
            return str(error)
        return ""

    assert first_run(main()) == "somebody looks"


def test_what_still_runs_at_the_end_is_stopped() -> None:
    stopped = []

    async def forever() -> None:
        try:
            await asyncio.sleep(3600)
        finally:
            stopped.append(True)

    async def main() -> None:
        asyncio.create_task(forever())  # noqa: RUF006
        await asyncio.sleep(1)

    first_run(main())
    assert stopped == [True]


def test_asyncio_works_in_virtual_time() -> None:
    async def main() -> float:
        clock = VirtualClock()
        queue: asyncio.Queue[int] = asyncio.Queue()
        async with asyncio.TaskGroup() as group:
            group.create_task(queue.put(1))
            assert await queue.get() == 1
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(5):
                await clock.sleep(3600)
        return asyncio.get_running_loop().time()

    assert first_run(main()) == 5.0


def time_of_step(choices: Choices, jumps: int) -> tuple[bool, ...]:
    """Whether the timer had fired at each of two steps."""
    world = Interleaver(choices, time_jumps=jumps)
    seen: list[bool] = []

    async def main() -> tuple[bool, ...]:
        timer = asyncio.create_task(asyncio.sleep(1))
        for name in ("first", "second"):
            await world.at(Step(name))
            seen.append(timer.done())
        return tuple(seen)

    return world.run(main())


def test_time_passes_only_when_nobody_is_parked() -> None:
    assert list(explore(lambda choices: time_of_step(choices, 0))) == [(False, False)]


def test_time_may_pass_while_actors_are_parked() -> None:
    found = list(explore(lambda choices: time_of_step(choices, 1)))
    assert sorted(found) == [(False, False), (False, True), (True, True)]


def test_pruning_goes_with_whole_enumerations_only() -> None:
    with pytest.raises(ValueError, match="prune"):
        next(explore(lambda choices: Interleaver(choices, prune=True, preemptions=1)))


def test_a_cancelled_actor_leaves_its_step() -> None:
    def run(choices: Choices) -> list[str]:
        world = Interleaver(choices)

        async def main() -> None:
            parked = asyncio.create_task(world.at(Step("never")))
            await asyncio.sleep(0)
            parked.cancel()
            await world.at(Step("after"))

        world.run(main())
        return [step.name for step in world.trace]

    assert list(explore(run)) == [["after"]]


async def test_it_refuses_to_run_inside_another_loop() -> None:
    with pytest.raises(RuntimeError, match="loop of its own"):
        first_run(asyncio.sleep(0))


def test_the_clock_never_tells_a_moment_twice_and_meets_whole_seconds() -> None:
    async def main() -> list[str]:
        clock = VirtualClock()
        return [clock.now().isoformat() for _ in range(8)]

    moments = first_run(main())
    assert isinstance(moments, list)
    assert len(set(moments)) == 8
    assert any("." not in moment for moment in moments)
