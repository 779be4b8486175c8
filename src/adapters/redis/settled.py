"""Which ended tasks stand just as this process left them, so that nobody need read them again and again."""

from __future__ import annotations

from collections import OrderedDict

MOST_KNOWN = 20_000
"""More than are looked at in one sweep."""


class Settled:
    """Remembers a fingerprint of the bytes of each ended task that was committed here last.

    It is Python's hash of 64 bits, keyed by a secret of the process: whoever writes a record cannot aim at it.
    """

    def __init__(self, most_known: int = MOST_KNOWN) -> None:
        self._most_known = most_known
        self._fingerprints = OrderedDict[str, int]()  # a dict would search for its first entry each time

    def note(self, task_id: str, raw_ledger: bytes, raw_record: bytes) -> None:
        """This ended task was just written so. A record that is not there is empty."""
        self._fingerprints[task_id] = hash((raw_ledger, raw_record))
        self._fingerprints.move_to_end(task_id)
        if len(self._fingerprints) > self._most_known:
            self._fingerprints.popitem(last=False)

    def forget(self, task_id: str) -> None:
        """It was written otherwise."""
        self._fingerprints.pop(task_id, None)

    def stands(self, task_id: str, raw_ledger: bytes | None, raw_record: bytes | None) -> bool:
        """Return whether a read has shown an ended task just as it was written here."""
        known = self._fingerprints.get(task_id)
        return known is not None and known == hash((raw_ledger, raw_record or b""))
