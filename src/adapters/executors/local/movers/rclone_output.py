"""Reading rclone's JSON log."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

from adapters.executors.failures import reason
from adapters.executors.local.movers.base import Verdict
from adapters.executors.local.options import Options
from adapters.executors.output import Tail
from domain.values import Progress

_VANISHED = re.compile(r"Failed to copy: (failed to open source object: .*no such file or directory|object not found)")
_ATTEMPT_FAILED = re.compile(r"Attempt ([0-9]+)/([0-9]+) failed")
_DRY_RUN = re.compile(r"Skipped (.+) as --dry-run is set")
_SPECIAL = "Can't transfer non file/directory"
_DELETES_NOTHING = "not deleting "
_CONCLUSION = "Failed to "
_NOT_FOR_PEOPLE = ("Replacing invalid UTF-8 characters",)
_MOST_KNOWN = 10_000
"""Files that are told of once, though rclone says it again in each of its own tries."""


class RcloneListener:
    """Implements :class:`.base.Listener`."""

    def __init__(self, tail: Tail, options: Options) -> None:
        self.progress: Progress | None = None
        self._tail = tail
        self._options = options
        self._deleted = 0
        self._skips_deletes = False
        self._vanished: set[str] = set()
        self._special: set[str] = set()
        self._conclusion = ""

    def hear(self, line: str) -> None:
        try:
            entry = json.loads(line)
        except ValueError:
            entry = None
        if not isinstance(entry, dict):
            if line.strip():
                self._tail.add(line)
            return
        stats = entry.get("stats")
        if isinstance(stats, dict):
            self._count(stats)
        else:
            self._message(str(entry.get("level")), str(entry.get("msg", "")), str(entry.get("object", "")))

    def judge(self, code: int) -> Verdict:
        if code == 0:
            return Verdict(done=True)
        if self._vanished and not self._tail.error_count:
            if self._options.delete and self._skips_deletes:
                return Verdict(
                    False, "files of the source vanished while they were copied, so nothing was deleted", transient=True
                )
            return Verdict(done=True)
        if not self._tail.error_count and self._conclusion:
            self._tail.add_error(self._conclusion)
        why, transient = reason("rclone", self._tail.errors, self._tail.error_count)
        return Verdict(False, why, transient)

    def summary(self) -> str:
        if self._options.dry_run:
            return "Nothing was changed (--dryrun)."
        done = self.progress or Progress()
        deleted = f", {self._deleted} deleted" if self._options.delete else ""
        return f"{done.files_done} files ({done.bytes_done} bytes) copied{deleted}."

    def _count(self, stats: Mapping[str, object]) -> None:
        eta = _number(stats, "eta")
        self.progress = Progress(
            bytes_done=int(_number(stats, "bytes") or 0),
            bytes_total=int(_number(stats, "totalBytes") or 0),
            files_done=int(_number(stats, "transfers") or 0),
            files_total=int(_number(stats, "totalTransfers") or 0),
            rate_bps=_number(stats, "speed") or 0.0,
            eta_s=eta,
        )
        self._deleted = int((_number(stats, "deletes") or 0) + (_number(stats, "deletedDirs") or 0))

    def _message(self, level: str, message: str, about: str) -> None:
        if message.startswith(_NOT_FOR_PEOPLE):
            return
        # Messages on the whole come with a description of the file system instead of a file's name.
        line = f"{about}: {message}" if about and not about.startswith("Local file system") else message
        if message.startswith(_SPECIAL):
            if _is_new(about, self._special):
                self._tail.add(f"{about}: skipped, it is a special file (pipe, socket or device)")
        elif _VANISHED.match(message):
            if _is_new(about, self._vanished):
                self._tail.add(f"{about}: vanished while it was copied")
        elif attempt := _ATTEMPT_FAILED.match(message):
            if attempt[1] != attempt[2]:
                self._tail.forgive()
                self._skips_deletes = False
        elif message.startswith(_DELETES_NOTHING):
            self._skips_deletes = True
        elif dry_run := _DRY_RUN.match(message):
            self._tail.add(f"would {dry_run[1]} {about}")
        elif level in ("error", "critical", "alert", "emergency"):
            self._tail.add_error(line)
        elif message.startswith(_CONCLUSION):
            self._conclusion = message
        else:
            self._tail.add(line)


def _is_new(about: str, known: set[str]) -> bool:
    if about in known:
        return False
    if len(known) < _MOST_KNOWN:
        known.add(about)
    return True


def _number(stats: Mapping[str, object], name: str) -> float | None:
    value = stats.get(name)
    return float(value) if isinstance(value, int | float) else None
