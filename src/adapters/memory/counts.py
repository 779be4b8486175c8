"""What commits have counted, in this process's memory; what is too old to be asked for is forgotten."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from domain.tally import BYTES, QUARTER_MINUTES, Addition

MINUTES_KEPT = 25 * 60
QUARTERS_KEPT = 4 * 7 + 1


class Counts:
    """Counts by minutes and by quarters of a day, both numbered since 1970-01-01T00:00Z."""

    def __init__(self) -> None:
        self._minutes: dict[int, Counter[str]] = {}
        self._quarters: dict[int, Counter[str]] = {}

    def add(self, minute: int, added: Addition) -> None:
        """Count what a commit adds."""
        if minute not in self._minutes:
            self._begin(minute)
        counts = self._minutes[minute]
        if added.ending:
            counts[added.ending] += 1
        if added.bytes_done:
            counts[BYTES] += added.bytes_done
            self._quarters[minute // QUARTER_MINUTES][added.user_id] += added.bytes_done

    def minute(self, minute: int) -> Mapping[str, int] | None:
        """Return the counts of a minute, None where nothing happened in it."""
        return self._minutes.get(minute)

    def quarter(self, quarter: int) -> Counter[str]:
        """Return the bytes that were moved for each user in a quarter of a day."""
        return self._quarters.get(quarter, Counter())

    def become(self, other: Counts) -> None:
        """Hold what the other one holds."""
        self._minutes = {minute: counts.copy() for minute, counts in other._minutes.items()}
        self._quarters = {quarter: counts.copy() for quarter, counts in other._quarters.items()}

    def _begin(self, minute: int) -> None:
        quarter = minute // QUARTER_MINUTES
        self._minutes = {each: kept for each, kept in self._minutes.items() if each > minute - MINUTES_KEPT}
        self._quarters = {each: kept for each, kept in self._quarters.items() if each > quarter - QUARTERS_KEPT}
        self._minutes[minute] = Counter()
        self._quarters.setdefault(quarter, Counter())
