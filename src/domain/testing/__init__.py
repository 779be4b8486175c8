"""Hypothesis strategies for everything in the domain, for whoever writes property tests of or around it.

Hypothesis is needed only here, and nothing else in the program imports this package. Each strategy's docstring
shows an example of what it yields; ``docs/property-testing.md`` shows a whole test. Names of this package are all
that a test needs to import; its modules are not part of what it promises.
"""

from domain.testing.blocking import block_flags, block_states, blocks_in_force
from domain.testing.commands import COMMANDS, Command, Occasion, commands, legal_commands, next_command, progress
from domain.testing.documents import (
    Document,
    json_values,
    parameters,
    record_documents,
    record_of,
    records,
    registered_records,
    results,
)
from domain.testing.frontend import FrontendWrite, frontend_writes
from domain.testing.histories import NEVER_GIVEN, History, Played, Player, Step, histories
from domain.testing.identity import (
    SERVICES,
    USERS,
    hostile_task_ids,
    incarnations,
    leases,
    priorities,
    services,
    task_ids,
    traceparents,
    users,
)
from domain.testing.lifecycle import tasks
from domain.testing.lines import log_lines, logs, timed_lines, unparsable_lines
from domain.testing.moments import EPOCH, clock_readings, instant_texts, instants, offsets
from domain.testing.queueing import dispatch_states, limits
from domain.testing.races import Race, races

__all__ = [
    "COMMANDS",
    "EPOCH",
    "NEVER_GIVEN",
    "SERVICES",
    "USERS",
    "Command",
    "Document",
    "FrontendWrite",
    "History",
    "Occasion",
    "Played",
    "Player",
    "Race",
    "Step",
    "block_flags",
    "block_states",
    "blocks_in_force",
    "clock_readings",
    "commands",
    "dispatch_states",
    "frontend_writes",
    "histories",
    "hostile_task_ids",
    "incarnations",
    "instant_texts",
    "instants",
    "json_values",
    "leases",
    "legal_commands",
    "limits",
    "log_lines",
    "logs",
    "next_command",
    "offsets",
    "parameters",
    "priorities",
    "progress",
    "races",
    "record_documents",
    "record_of",
    "records",
    "registered_records",
    "results",
    "services",
    "task_ids",
    "tasks",
    "timed_lines",
    "traceparents",
    "unparsable_lines",
    "users",
]
