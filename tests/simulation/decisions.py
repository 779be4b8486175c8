"""What a run decides: named questions, answered with numbers. 0 is always the plain answer: no fault, no delay."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from hashlib import blake2b
from itertools import accumulate
from typing import Protocol

RESOLUTION = float(2**64)


class Weights:
    """How likely each answer is, in any unit."""

    __slots__ = ("sums",)

    def __init__(self, weights: Sequence[float]) -> None:
        self.sums = list(accumulate(weights))

    def __len__(self) -> int:
        return len(self.sums)


class Decisions(Protocol):
    """Answers the questions of one run."""

    made: dict[str, int]
    """The answers that were not plain, by question."""

    def weigh(self, question: str, weights: Weights) -> int:
        """Return a number below ``len(weights)``."""
        ...

    def number(self, question: str, count: int) -> int:
        """Return a number below ``count``, each as likely as the others."""
        ...


class Seeded:
    """Each answer follows from the seed and the question alone, in whatever order the questions come.

    So when one answer is changed, those to all other questions stay the same.
    """

    def __init__(self, seed: int) -> None:
        self.made: dict[str, int] = {}
        self._key = seed.to_bytes(8, "little")

    def weigh(self, question: str, weights: Weights) -> int:
        sums = weights.sums
        answer = min(bisect_right(sums, self._chance(question) * sums[-1]), len(sums) - 1)
        if answer:
            self.made[question] = answer
        return answer

    def number(self, question: str, count: int) -> int:
        answer = int(self._chance(question) * count)
        if answer:
            self.made[question] = answer
        return answer

    def _chance(self, question: str) -> float:
        digest = blake2b(question.encode(), digest_size=8, key=self._key).digest()
        return int.from_bytes(digest, "little") / RESOLUTION


class Scripted:
    """Answers as it was told, and plainly where it was told nothing."""

    def __init__(self, script: Mapping[str, int]) -> None:
        self.made: dict[str, int] = {}
        self._script = script

    def weigh(self, question: str, weights: Weights) -> int:
        return self.number(question, len(weights))

    def number(self, question: str, count: int) -> int:
        answer = min(self._script.get(question, 0), count - 1)
        if answer:
            self.made[question] = answer
        return answer
