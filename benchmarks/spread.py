"""Figures of several rounds: one round says little on a machine that others use too."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from statistics import median
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed import DataclassInstance


@dataclass(frozen=True, slots=True)
class Spread:
    """The middle, the least and the most of a figure over all rounds."""

    figures: Sequence[float]

    @property
    def middle(self) -> float:
        """The median."""
        return median(self.figures)

    def __str__(self) -> str:
        return f"{self.middle:.3g} ({min(self.figures):.3g} to {max(self.figures):.3g})"

    def as_json(self) -> dict[str, float]:
        """The same for programs."""
        named = {"median": self.middle, "least": min(self.figures), "most": max(self.figures)}
        return {name: round(figure, 4) for name, figure in named.items()}


def spreads(rounds: Sequence[DataclassInstance]) -> dict[str, Spread]:
    """Return the spread of each of the rounds' figures, by its name."""
    return {each.name: Spread([getattr(one, each.name) for one in rounds]) for each in fields(rounds[0])}


def percentile(sorted_figures: Sequence[float], share: float) -> float:
    """Return the figure that this share of all (0 to 1) does not exceed."""
    return sorted_figures[min(len(sorted_figures) - 1, int(share * len(sorted_figures)))]
