"""The ledger as bytes: one header line that scripts read and write, then the task as JSON.

The header (see ``scripts/queue.lua``) owns version, order and lease, since claims and take-overs change them without
touching the JSON.
"""

from __future__ import annotations

from urllib.parse import unquote

import msgspec

from adapters.redis.keys import encoded
from domain.copying import filled
from domain.task import Task
from domain.values import Lease

NOBODY = "- -"
"""The header's lease while nobody holds one."""

_decode_task = msgspec.json.Decoder(Task).decode
encode_task = msgspec.json.Encoder().encode
"""Write a task's JSON; what the header owns is written too, and not read."""


class UnreadableLedger(ValueError):
    """The bytes are not a ledger of ours."""


class DecodedLedger(msgspec.Struct, frozen=True):
    """A task with what its header holds."""

    task: Task
    version: int
    epoch: int


def decode_ledger(raw: bytes) -> DecodedLedger:
    """Parse a ledger. Raises :class:`UnreadableLedger`."""
    line, _, body = raw.partition(b"\n")
    try:
        version, order, epoch, nonce, owner = line.decode("ascii").split(" ")
        task = _decode_task(body)
        if nonce == "-":
            task = filled(task, order=int(order), lease=None)
        else:
            # A claim by the script is Task.claim: what waited for its retry no longer does.
            task = filled(task, order=int(order), lease=Lease(unquote(owner), int(epoch), nonce), retry_at=None)
        return DecodedLedger(task, int(version), int(epoch))
    except (ValueError, msgspec.DecodeError, RecursionError) as error:
        raise UnreadableLedger(str(error)) from None


def split_ledger(raw: bytes) -> tuple[tuple[int, int, int], bytes]:
    """Return a ledger's version, order and epoch, and its JSON. Raises :class:`UnreadableLedger`."""
    line, _, body = raw.partition(b"\n")
    try:
        version, order, epoch, _, _ = line.split(b" ")
        return (int(version), int(order), int(epoch)), body
    except ValueError as error:
        raise UnreadableLedger(str(error)) from None


def header_lease(lease: Lease | None) -> str:
    """Return the lease as it stands in a header: nonce and owner."""
    return NOBODY if lease is None else f"{lease.nonce} {encoded(lease.owner)}"
