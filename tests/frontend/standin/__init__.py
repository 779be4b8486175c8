"""A stand-in for dms-frontend: everything that it does to records and to the scheduler (contract §1 to §4)."""

from tests.frontend.standin.access import RecordAccess, RecordMissing
from tests.frontend.standin.client import (
    Answer,
    HttpScheduler,
    InProcessScheduler,
    SchedulerClient,
    SchedulerUnavailable,
)
from tests.frontend.standin.clock import SEOUL, SystemClock
from tests.frontend.standin.crowd import a_mix, create_and_cancel, create_and_delete, create_only, crowd
from tests.frontend.standin.database_records import DatabaseRecords
from tests.frontend.standin.document import Dialect, FrontendRecord, Identity, UnreadableRecord
from tests.frontend.standin.frontend import Frontend
from tests.frontend.standin.journal import History, Journal
from tests.frontend.standin.lag import LaggingRecords, Versions
from tests.frontend.standin.memory_records import MemoryRecords
from tests.frontend.standin.pauses import Gates, NoPauses, SeededPauses
from tests.frontend.standin.redis_records import RedisRecords
from tests.frontend.standin.steps import Step, Steps
from tests.frontend.standin.verdict import Fault, Finding, Truth, truth_of, verdict

__all__ = [
    "SEOUL",
    "Answer",
    "DatabaseRecords",
    "Dialect",
    "Fault",
    "Finding",
    "Frontend",
    "FrontendRecord",
    "Gates",
    "History",
    "HttpScheduler",
    "Identity",
    "InProcessScheduler",
    "Journal",
    "LaggingRecords",
    "MemoryRecords",
    "NoPauses",
    "RecordAccess",
    "RecordMissing",
    "RedisRecords",
    "SchedulerClient",
    "SchedulerUnavailable",
    "SeededPauses",
    "Step",
    "Steps",
    "SystemClock",
    "Truth",
    "UnreadableRecord",
    "Versions",
    "a_mix",
    "create_and_cancel",
    "create_and_delete",
    "create_only",
    "crowd",
    "truth_of",
    "verdict",
]
