"""What users and operators are going to do: all of it follows from the seed."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from domain.values import Priority
from tests.chaos.light import UNREPEATABLE, Fate
from tests.chaos.shape import Shape
from tests.chaos.trees import Trees

USERS = tuple(f"user{number}" for number in range(20))
MOVING = ("sync", "cp", "rm")
CROWDS, IN_CROWDS = 8, 0.3
"""So many times many users come at once, and this share of all tasks comes then: more than there are slots."""


@dataclass(frozen=True, slots=True)
class Errand:
    """One user's task. Spans are in seconds, from when it was created but for ``at_s``, which is from the start."""

    number: int
    at_s: float
    service: str
    user_id: str
    parameters: Mapping[str, str]
    priority: Priority
    cancel_after_s: float | None
    other_priority_after_s: float | None
    """When an operator gives it the other priority."""
    delete_after_s: float | None

    @property
    def is_given_up(self) -> bool:
        """Whether the user wants no more of it in the end."""
        return self.cancel_after_s is not None or self.delete_after_s is not None


def make_errands(dice: random.Random, shape: Shape, trees: Trees) -> list[Errand]:
    """Choose what every user does, and make the trees that this needs."""
    moving = frozenset(dice.sample(range(shape.tasks), shape.movers))
    crowded = [dice.uniform(0, shape.span_s) for _ in range(CROWDS)]
    return [_errand(dice, number, shape, trees, crowded, moves=number in moving) for number in range(shape.tasks)]


def place_of(parameters: Mapping[str, object]) -> str:
    """Return the path that a task works on. Every task has one of its own."""
    return str(parameters.get("dst") or parameters["path"])


def copied_from(parameters: Mapping[str, object]) -> Path | None:
    """Return what a task copies; None where it copies nothing."""
    return Path(str(parameters["src"])) if "src" in parameters else None


def _errand(
    dice: random.Random, number: int, shape: Shape, trees: Trees, crowded: list[float], *, moves: bool
) -> Errand:
    service = dice.choice(MOVING if moves else ("hotcold", "hotcold", UNREPEATABLE))
    return Errand(
        number,
        dice.choice(crowded) if dice.random() < IN_CROWDS else dice.uniform(0, shape.span_s),
        service,
        dice.choice(USERS),
        _moving(dice, number, service, trees, shape) if moves else _light(dice, number),
        Priority.HIGH if dice.random() < 0.3 else Priority.LOW,
        dice.choice((0.0, 0.05, 0.3, 2.0)) * dice.random() if dice.random() < shape.cancelled else None,
        dice.choice((0.0, 0.1, 1.0)) * dice.random() if dice.random() < shape.reprioritised else None,
        dice.choice((0.0, 0.1, 2.0)) * dice.random() if dice.random() < shape.deleted else None,
    )


def _moving(dice: random.Random, number: int, service: str, trees: Trees, shape: Shape) -> dict[str, str]:
    if service == "rm":
        return {"path": str(trees.doomed(number))}
    parameters = {"src": str(trees.source(number)), "dst": str(trees.target(number))}
    rate = dice.choice((0, 0, 300, shape.slowest_kbps))
    return parameters | ({"options": f"--bwlimit {rate}K"} if rate else {})


def _light(dice: random.Random, number: int) -> dict[str, str]:
    # Most are quick, some go on for longer than a lease.
    seconds = dice.uniform(1, 4) if dice.random() < 0.15 else dice.uniform(0, 0.4)
    fate = dice.choices((Fate.IS_DONE, Fate.FAILS, Fate.FAILS_ONCE), (90, 4, 6))[0]
    return {"path": f"/hot/{number}", "seconds": f"{seconds:.3f}", "fate": str(fate)}
