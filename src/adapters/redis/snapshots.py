"""A ledger and a record as bytes, read as a snapshot that remembers the bytes it came from."""

from __future__ import annotations

import msgspec

from adapters.redis.ledger_codec import DecodedLedger, UnreadableLedger, decode_ledger
from adapters.redis.record_codec import DecodedRecord, decode_record
from adapters.redis.record_parameters import UnreadableRecord
from domain.ports import Snapshot


class Revision(msgspec.Struct, frozen=True):
    """What a commit is compared with, byte for byte, and what it writes over.

    It is a struct, as all that each read and each commit makes anew here: a frozen dataclass costs ten times as much.
    """

    ledger: DecodedLedger | None
    raw_record: bytes
    """Empty where there was none."""
    record: DecodedRecord | None


def read_snapshot(
    task_id: str, raw_ledger: bytes | None, raw_record: bytes | None, *, recovering: bool = False
) -> Snapshot:
    """Parse what a read returned. Bytes that cannot be read make the snapshot malformed: nothing may change then."""
    try:
        ledger = None if raw_ledger is None else decode_ledger(raw_ledger)
    except UnreadableLedger as error:
        reason = f"its ledger cannot be read: {error}"
        return Snapshot(task_id, None, None, reason, Revision(None, raw_record or b"", None), recovering)
    record, malformed = None, ""
    if raw_record is not None:
        try:
            record = decode_record(raw_record, task_id)
        except UnreadableRecord as error:
            malformed = str(error)
    return Snapshot(
        task_id,
        ledger.task if ledger else None,
        record.record if record else None,
        malformed,
        Revision(ledger, raw_record or b"", record),
        recovering,
    )
