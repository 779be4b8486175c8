"""The store in one process's memory, for the embedded form of the service and for simulations.

One :class:`MemoryDatabase` holds the state, and each adapter shows it through one port. Several replicas in one
process share the database; another process cannot.
"""

from adapters.memory.audit_log import MemoryAuditLog
from adapters.memory.block_store import MemoryBlockStore
from adapters.memory.database import MemoryDatabase
from adapters.memory.dispatch_queue import MemoryDispatchQueue
from adapters.memory.frontend_records import MemoryFrontendRecords
from adapters.memory.outbox import MemoryOutbox
from adapters.memory.queue_positions import MemoryQueuePositions
from adapters.memory.record_watch import MemoryRecordWatch
from adapters.memory.registration import MemoryRegistration
from adapters.memory.replica_board import MemoryReplicaBoard
from adapters.memory.tallies import MemoryTallies
from adapters.memory.task_listing import MemoryTaskListing
from adapters.memory.task_store import MemoryTaskStore
from adapters.memory.waiting_users import MemoryWaitingUsers

__all__ = [
    "MemoryAuditLog",
    "MemoryBlockStore",
    "MemoryDatabase",
    "MemoryDispatchQueue",
    "MemoryFrontendRecords",
    "MemoryOutbox",
    "MemoryQueuePositions",
    "MemoryRecordWatch",
    "MemoryRegistration",
    "MemoryReplicaBoard",
    "MemoryTallies",
    "MemoryTaskListing",
    "MemoryTaskStore",
    "MemoryWaitingUsers",
]
