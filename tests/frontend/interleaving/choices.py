"""Enumerating or sampling what a run may choose: the run is done again from its start for each series of choices."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from typing import Protocol, TypeVar

T = TypeVar("T")


class Choices(Protocol):
    """Decides wherever a run may go several ways."""

    def choose(self, count: int, about: object) -> int:
        """Return a number from 0 to `count` - 1. `about` says what it is about; the same in each repetition."""
        ...


Run = Callable[[Choices], T]
"""A whole run, from a fresh world to its result. Given the same choices it must do the same."""


class Redundant(Exception):
    """Raised by a run to say that whatever follows was seen already, in another order; the run counts for nothing."""


class Diverged(Exception):
    """The run did not do the same, given the same choices, so that no enumeration of it can be trusted."""


class TooMany(Exception):
    """There are more series of choices than the limit that was set."""


class Script:
    """Chooses as it was told, then always the first, and remembers what else there was to choose."""

    def __init__(self, script: Sequence[int] = ()) -> None:
        self.made: list[int] = []
        self.asked: list[tuple[int, object]] = []
        self._script = script

    def choose(self, count: int, about: object) -> int:
        place = len(self.made)
        choice = self._script[place] if place < len(self._script) else 0
        if not 0 <= choice < count:
            raise Diverged(f"choice {place} ({about}) has {count} ways; way {choice} was to be taken")
        self.made.append(choice)
        self.asked.append((count, about))
        return choice

    def next_script(self) -> list[int] | None:
        """The next series of choices, depth first; None after the last."""
        for place in range(len(self.made) - 1, -1, -1):
            if self.made[place] + 1 < self.asked[place][0]:
                return [*self.made[:place], self.made[place] + 1]
        return None


class Dice:
    """Chooses at random. A `lean` below 1 prefers the last ways, one above 1 the first.

    Steps are offered in the order in which their actors came to them, so a small lean lets some actors wait very
    long, and a large one lets all go on in turn.
    """

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        self.made: list[int] = []
        self._lean = self._random.choice((0.2, 0.5, 1.0, 1.0, 3.0))

    def choose(self, count: int, about: object) -> int:
        choice = min(count - 1, int(count * self._random.random() ** self._lean))
        self.made.append(choice)
        return choice


def explore(run: Run[T], *, limit: int = 1_000_000) -> Iterator[T]:
    """Yield the result of every run that differs in its choices.

    Raises TooMany after `limit` runs: an enumeration that stopped early would claim more than it has seen. An exception
    of a run comes out with a note that tells how to do that run again.
    """
    script: list[int] | None = []
    asked: list[tuple[int, object]] = []
    runs = 0
    while script is not None:
        if runs == limit:
            raise TooMany(f"more than {limit} runs")
        runs += 1
        choices = Script(script)
        with suppress(Redundant):
            yield _do(run, choices)
        _check_same(asked, choices.asked, len(script))
        asked = choices.asked
        script = choices.next_script()


def sample(run: Run[T], seeds: Iterable[int]) -> Iterator[T]:
    """Yield the result of one run for each seed."""
    for seed in seeds:
        yield _do(run, Dice(seed))


def replay(run: Run[T], script: Sequence[int]) -> T:
    """Do one run again, from the note of its exception."""
    return run(Script(script))


def _do(run: Run[T], choices: Script | Dice) -> T:
    try:
        return run(choices)
    except Redundant:
        raise
    except BaseException as error:
        error.add_note(f"do it again with replay(run, {choices.made})")
        raise


def _check_same(before: list[tuple[int, object]], now: list[tuple[int, object]], length: int) -> None:
    """The choices that were repeated must have been offered in the same way as in the run before."""
    if length and before[:length] != now[:length]:
        raise Diverged(f"the same choices led to {now[:length]}, before that to {before[:length]}")
