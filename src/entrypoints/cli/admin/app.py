"""The commands of `dms-scheduler admin`, in the order of its help."""

from __future__ import annotations

from collections.abc import Callable

from cyclopts import App

from entrypoints.cli.admin.actions import block, drain, enable, priority, resume, retry
from entrypoints.cli.admin.cancel import cancel
from entrypoints.cli.admin.logs import logs
from entrypoints.cli.admin.throughput import throughput, users
from entrypoints.cli.admin.top import top
from entrypoints.cli.admin.views import audit, show, tasks, why

admin = App(
    name="admin",
    help="""Look at a running service, and steer it.

The service is the one at DMS_URL (default http://127.0.0.1:9000), or at --url. The operators' token comes from \
DMS_OPERATOR_TOKEN or from a file that --token-file names; it is never an argument, for arguments can be seen by all. \
Every command has --json, which prints what the service answers, for programs.""",
    help_epilogue="""\
Exit codes: 0 done; 1 refused or failed; 2 the command line cannot be used; 3 the service cannot be reached, or \
refuses the token; 130 interrupted with Ctrl-C.""",
)

_LOOKING: tuple[Callable[..., None], ...] = (top, tasks, show, why, logs, users, throughput, audit)
_ACTING: tuple[Callable[..., int | None], ...] = (cancel, retry, priority, block, enable, drain, resume)

for _place, _command in enumerate((*_LOOKING, *_ACTING)):
    admin.command(_command, sort_key=_place)
