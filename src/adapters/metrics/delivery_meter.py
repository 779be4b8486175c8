"""Counting deliveries of webhooks."""

from __future__ import annotations

from adapters.metrics.catalogue import DELIVERIES, GIVEN_UP
from adapters.metrics.cells import Cells
from adapters.metrics.series import by_label, series
from application.outbox import Result


class DeliveryMeter:
    """Implements :class:`application.outbox.DeliveryMeter`. All its series are made at once, and begin at zero."""

    def __init__(self, cells: Cells) -> None:
        self._tries = by_label(cells, DELIVERIES, Result)
        self._given_up = series(cells, GIVEN_UP)

    def tried(self, result: Result) -> None:
        self._tries[result][0] += 1.0

    def gave_up(self) -> None:
        self._given_up[0] += 1.0
