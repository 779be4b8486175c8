"""Spans of time that were measured, and the bound on their median."""

from __future__ import annotations

from dataclasses import dataclass, field
from statistics import median, quantiles


@dataclass(slots=True)
class Waits:
    """Seconds that tasks stood still, until a mover was at work for each again."""

    after: str
    bound_s: float
    """What the median must stay under."""
    seconds: list[float] = field(default_factory=list)

    @property
    def are_within_bound(self) -> bool:
        """Whether the median is under its bound."""
        return median(self.seconds) < self.bound_s

    def row(self) -> tuple[object, ...]:
        """One line of the table."""
        return self.after, len(self.seconds), *self._figures(), self.bound_s

    def as_json(self) -> dict[str, object]:
        """The same for programs."""
        names = ("median_s", "first_quartile_s", "third_quartile_s", "longest_s")
        figures = {name: round(value, 3) for name, value in zip(names, self._figures(), strict=True)}
        return {"tasks": len(self.seconds), **figures, "bound_s": self.bound_s}

    def _figures(self) -> tuple[float, float, float, float]:
        low, middle, high = quantiles(self.seconds, n=4)
        return middle, low, high, max(self.seconds)
