"""Bars of a chart, drawn here: the page needs no script for them, and no style but the console's."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from application.throughput import Span
from domain.tally import Tally
from entrypoints.console.shown import size

STEP_WIDTH, BAR_WIDTH, HEIGHT = 10, 8, 100
"""In units of the picture, which is stretched to the width of the page."""

LEAST_HEIGHT = 2.0
"""So that one task beside thousands is seen."""


@dataclass(frozen=True, slots=True)
class Part:
    """One rectangle; ``kind`` is its class in the style sheet."""

    kind: str
    x: int
    y: float
    height: float


@dataclass(frozen=True, slots=True)
class Bar:
    """One step of time."""

    words: str
    """What it says to whoever points at it."""
    parts: Sequence[Part]


@dataclass(frozen=True, slots=True)
class Chart:
    """A picture, and what it says in words to those who do not see it."""

    name: str
    title: str
    headline: str
    """The one number that matters most."""
    words: str
    bars: Sequence[Bar]
    """Without those in which nothing happened."""
    width: int
    top: str
    """What the highest bar is worth."""
    start: str

    @property
    def bar_width(self) -> int:
        """Of each bar, in units of the picture."""
        return BAR_WIDTH

    @property
    def height(self) -> int:
        """Of the picture, in its units."""
        return HEIGHT


def tasks_chart(name: str, title: str, span: Span) -> Chart:
    """Return how many tasks ended, and how."""
    whole, most = span.total, max(step.ended for step in span.steps)
    words = f"{_ended(whole)} since {_time(span, 0)}; at most {most} in {_step(span)}."
    headline = f"{span.tasks_per_minute:.1f} tasks/min"
    return _chart(name, title, headline, words, span, _by_outcome, _ended, f"{most} in {_step(span)}")


def bytes_chart(name: str, title: str, span: Span) -> Chart:
    """Return how many bytes were moved."""
    most = max(step.bytes_done for step in span.steps)
    words = f"{size(span.total.bytes_done)} moved since {_time(span, 0)}; at most {size(most)} in {_step(span)}."
    headline = f"{size(span.bytes_per_second)}/s"
    return _chart(name, title, headline, words, span, _by_bytes, _moved, f"{size(most)} in {_step(span)}")


Values = Sequence[tuple[str, int]]


def _chart(
    name: str,
    title: str,
    headline: str,
    words: str,
    span: Span,
    values: Callable[[Tally], Values],
    say: Callable[[Tally], str],
    top: str,
) -> Chart:
    highest = max(1, *(sum(value for _, value in values(step)) for step in span.steps))
    bars = [
        Bar(f"{_time(span, place)}: {say(step)}", _parts(place, values(step), highest))
        for place, step in enumerate(span.steps)
        if any(value for _, value in values(step))
    ]
    return Chart(name, title, headline, words, bars, len(span.steps) * STEP_WIDTH, top, _time(span, 0))


def _parts(place: int, values: Values, highest: int) -> Sequence[Part]:
    """Stack the values of one step from the ground up."""
    parts: list[Part] = []
    y = float(HEIGHT)
    for kind, value in values:
        if value:
            height = max(LEAST_HEIGHT, value / highest * HEIGHT)
            y = max(0.0, y - height)
            parts.append(Part(kind, place * STEP_WIDTH, round(y, 1), round(height, 1)))
    return parts


def _by_outcome(step: Tally) -> Values:
    return ("completed", step.completed), ("cancelled", step.cancelled), ("failed", step.failed)


def _by_bytes(step: Tally) -> Values:
    return (("bytes", step.bytes_done),)


def _ended(step: Tally) -> str:
    return f"{step.completed} completed, {step.failed} failed, {step.cancelled} cancelled"


def _moved(step: Tally) -> str:
    return f"{size(step.bytes_done)} moved"


def _time(span: Span, place: int) -> str:
    return f"{span.start + timedelta(seconds=place * span.step_s):%H:%M}"


def _step(span: Span) -> str:
    return "one minute" if span.step_s == 60 else f"{span.step_s // 60} minutes"
