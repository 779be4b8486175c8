"""Shortening a history: ever fewer decisions that are not plain, as long as the same rule is broken."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from tests.simulation.decisions import Scripted
from tests.simulation.run import Result, simulate

MOST_RUNS = 1500


@dataclass(slots=True)
class _Search:
    """Tries scripts, a bounded number of them."""

    rule: str
    seed: int
    script: dict[str, int]
    left: int

    def try_out(self, script: Mapping[str, int]) -> bool:
        """Whether this script breaks the rule too; it is the best one then, with what it did not ask left out."""
        if self.left <= 0 or _size(script) >= _size(self.script):
            return False
        self.left -= 1
        result = simulate(Scripted(script), self.seed)
        if self.rule not in {fault.rule for fault in result.faults[:1]}:
            return False
        self.script = result.decisions
        return True


def shorten(result: Result, seed: int, most_runs: int = MOST_RUNS) -> dict[str, int]:
    """Return decisions that break the rule which ``result`` broke first, few and small ones."""
    search = _Search(result.faults[0].rule, seed, dict(result.decisions), most_runs)
    for kind in _kinds(search.script):
        search.try_out({question: answer for question, answer in search.script.items() if _kind(question) != kind})
    size = len(search.script) // 2
    while size >= 1 and search.left > 0:
        if not _drop_blocks(search, size) or size > 1:
            size //= 2
    _make_smaller(search)
    return search.script


def _drop_blocks(search: _Search, size: int) -> bool:
    """Leave out ``size`` neighbours at a time; return whether that led anywhere."""
    found = False
    start = 0
    questions = sorted(search.script)
    while start < len(questions) and search.left > 0:
        left_out = set(questions[start : start + size])
        if search.try_out({key: answer for key, answer in search.script.items() if key not in left_out}):
            found = True
            questions = [key for key in questions if key in search.script]
        else:
            start += size
    return found


def _make_smaller(search: _Search) -> None:
    for question in sorted(search.script):
        for smaller in range(1, search.script.get(question, 0)):
            if search.try_out({**search.script, question: smaller}):
                break


def _size(script: Mapping[str, int]) -> tuple[int, int]:
    return len(script), sum(script.values())


def _kinds(script: Mapping[str, int]) -> list[str]:
    kinds = {_kind(question) for question in script}
    return sorted(kinds, key=lambda kind: -sum(_kind(question) == kind for question in script))


def _kind(question: str) -> str:
    """What sort of decision it is: the question without what tells it from others like it."""
    return "".join(character for character in question if not character.isdigit())
