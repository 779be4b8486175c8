"""What is looked at before the first task: one line says what is wrong, instead of every task failing with it."""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Sequence

from adapters.executors.local.movers.base import Mover
from adapters.executors.problems import ConfigurationProblem


def check_installation(mover: Mover, roots: Sequence[str], *, run_as_user: bool) -> None:
    """Raise :class:`ConfigurationProblem` for the first thing that an operator must set right."""
    if not roots:
        raise ConfigurationProblem("the local executor has no allowed roots: set DMS_ALLOWED_ROOTS, such as /pvs:/home")
    for root in roots:
        if not os.path.isdir(root):
            raise ConfigurationProblem(f"DMS_ALLOWED_ROOTS names {root}, which is not a directory on this machine")
    if run_as_user and os.geteuid() != 0:
        raise ConfigurationProblem("DMS_RUN_AS=user needs root: start as root, or set DMS_RUN_AS=service")
    if shutil.which(mover.program) is None:
        raise ConfigurationProblem(f"the mover {mover.name} cannot be run: {mover.program} is not a program")
    if run_as_user and not os.stat(mover.program).st_mode & stat.S_IXOTH:
        raise ConfigurationProblem(f"the mover {mover.name} cannot be run by users: chmod o+rx {mover.program}")
