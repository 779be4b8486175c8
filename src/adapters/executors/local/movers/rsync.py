"""rsync as a mover.

It keeps what rclone keeps, and hard links, by its own means: modes, owners and groups (where the account may set them),
times to the nanosecond, links. It copies one file at a time, and verifies each: the checksum of what it read is
compared with the checksum of what it wrote, and a file that differs is copied again.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from adapters.executors.local.movers.rsync_output import RsyncListener
from adapters.executors.local.options import Options
from adapters.executors.local.supervisor.job import SOURCE, TARGET
from adapters.executors.output import Tail
from adapters.executors.problems import ConfigurationProblem

_ALWAYS = (
    "--links",
    "--perms",
    "--times",
    "--group",
    "--owner",
    "--hard-links",
    "--numeric-ids",
    "--modify-window=-1",  # compare times to the nanosecond
    "--no-human-readable",
    "--outbuf=L",
)


@dataclass(frozen=True, slots=True)
class Rsync:
    """Implements :class:`.base.Mover`."""

    program: str
    name: str = "rsync"
    needs_scratch: bool = False
    settles: bool = False
    reserved_suffix: str = ""

    def tree_arguments(self, options: Options) -> list[str]:
        delete = ["--delete-delay"] if options.delete else []
        # The slash means: what is in the directory.
        return [self.name, "--recursive", *delete, *_flags(options), "--", f"{SOURCE}/", f"{TARGET}/"]

    def file_arguments(self, options: Options) -> list[str]:
        return [self.name, *_flags(options), "--", SOURCE, TARGET]

    def listen(self, tail: Tail, options: Options) -> RsyncListener:
        return RsyncListener(tail, options)


def find_rsync() -> str:
    """Return the program on PATH. Raises :class:`ConfigurationProblem`."""
    found = shutil.which("rsync")
    if found is None:
        raise ConfigurationProblem("DMS_MOVER=rsync, but rsync is not installed: install it, or unset DMS_MOVER")
    return str(Path(found).resolve())


def _flags(options: Options) -> list[str]:
    flags = list(_ALWAYS)
    if options.by_content:
        flags.append("--checksum")
    if options.dry_run:
        flags += ["--dry-run", "--out-format=would %o %n%L"]
    else:
        flags.append("--info=progress2,stats2")
    if options.bytes_per_s is not None:
        flags.append(f"--bwlimit={options.bytes_per_s // 1024}K")
    return flags
