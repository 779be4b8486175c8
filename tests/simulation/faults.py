"""What was found wrong in a run."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fault:
    """A rule that was broken, and what shows it."""

    rule: str
    """The same words whenever this rule is broken: a history is shortened as long as it breaks the same one."""
    detail: str
    at_s: float

    def __str__(self) -> str:
        return f"{self.at_s:.3f} s: {self.rule}: {self.detail}"
