"""Reading what rsync prints."""

from __future__ import annotations

import re

from adapters.executors.failures import reason
from adapters.executors.local.movers.base import Verdict
from adapters.executors.local.options import Options
from adapters.executors.output import Tail
from domain.values import Progress

_PROGRESS = re.compile(
    r"\s*(?P<bytes>[0-9]+)\s+(?P<percent>[0-9]+)%\s+(?P<rate>[0-9.]+)(?P<unit>[kMGT]?)B/s\s+(?P<eta>[0-9]+:[0-9:]+)"
    r"(?:\s+\(xfr#[0-9]+, (?P<list>to|ir)-chk=(?P<left>[0-9]+)/(?P<files>[0-9]+)\))?"
)
_UNITS = {"": 1, "k": 1024, "M": 1024**2, "G": 1024**3, "T": 1024**4}
_STATISTICS = {
    "Number of regular files transferred": "files",
    "Total transferred file size": "bytes",
    "Number of deleted files": "deleted",
}
_STATISTIC = re.compile(r"((?:Number|Total|Literal|Matched|File list)[A-Za-z -]*): ([0-9]+)")
_NOT_FOR_PEOPLE = re.compile(r"sent [0-9]+ bytes|total size is |rsync warning: some files vanished|created directory ")
_SPECIAL = re.compile(r'skipping non-regular file "(.*)"')
_VANISHED = re.compile(r'(?:file|directory) has vanished: "(.*)"')
_NOT_PERMITTED = re.compile(r"(failed to set (times|permissions)|chown|chgrp).*Operation not permitted \(1\)")
_CONCLUSION = re.compile(r"rsync error: .*\(code [0-9]+\)")
_ERROR = re.compile(r"rsync: |rsync error: |ERROR: |cannot delete ")
_WOULD = {"would send ": "would copy ", "would del. ": "would delete "}

PARTIAL, VANISHED = 23, 24
"""rsync's exit codes for "some files were not copied as they should be" and "some files vanished"."""


class RsyncListener:
    """Implements :class:`.base.Listener`."""

    def __init__(self, tail: Tail, options: Options) -> None:
        self.progress: Progress | None = None
        self._tail = tail
        self._options = options
        self._excused = 0
        self._statistics: dict[str, int] = {}
        self._conclusion = ""
        if options.transfers is not None or options.checkers is not None:
            tail.add("rsync copies one file at a time: --transfers and --checkers change nothing")

    def hear(self, line: str) -> None:
        if found := _PROGRESS.match(line):
            self._count(found)
            # What goes wrong is told behind it, on the same line.
            self.hear(line[found.end() :].strip())
        elif statistic := _STATISTIC.match(line):
            name = _STATISTICS.get(statistic[1])
            if name:
                self._statistics[name] = int(statistic[2])
        elif line.strip() and not _NOT_FOR_PEOPLE.match(line):
            self._message(line)

    def judge(self, code: int) -> Verdict:
        excused = code == VANISHED or (code == PARTIAL and self._excused)
        if code == 0 or (excused and not self._tail.error_count):
            return Verdict(done=True)
        if not self._tail.error_count and self._conclusion:
            self._tail.add_error(self._conclusion)
        why, transient = reason("rsync", self._tail.errors, self._tail.error_count)
        return Verdict(False, why, transient)

    def summary(self) -> str:
        if self._options.dry_run:
            return "Nothing was changed (--dryrun)."
        files, copied = self._statistics.get("files", 0), self._statistics.get("bytes", 0)
        deleted = f", {self._statistics.get('deleted', 0)} deleted" if self._options.delete else ""
        return f"{files} files ({copied} bytes) copied{deleted}."

    def _count(self, found: re.Match[str]) -> None:
        done, percent = int(found["bytes"]), int(found["percent"])
        known = self.progress or Progress()
        files = int(found["files"]) if found["files"] else known.files_total
        is_all = found["list"] == "to" and found["left"] == "0"
        self.progress = Progress(
            bytes_done=done,
            # rsync tells only the share, and that of what it has listed so far.
            bytes_total=done if is_all else max(done, done * 100 // percent) if percent else known.bytes_total,
            files_done=files - int(found["left"]) if found["left"] else known.files_done,
            files_total=files,
            rate_bps=float(found["rate"]) * _UNITS[found["unit"]],
            # Behind a finished file stands the time that has passed instead.
            eta_s=0.0 if is_all else known.eta_s if found["left"] else _seconds(found["eta"]),
        )

    def _message(self, line: str) -> None:
        if special := _SPECIAL.match(line):
            self._tail.add(f"{special[1]}: skipped, it is a special file (pipe, socket or device)")
        elif vanished := _VANISHED.match(line):
            self._excused += 1
            self._tail.add(f"{vanished[1]}: vanished while it was copied")
        elif _NOT_PERMITTED.search(line):
            self._excused += 1
            self._tail.add(f"{line} (left as it is)")
        elif _CONCLUSION.match(line):
            self._conclusion = line
        elif _ERROR.match(line):
            self._tail.add_error(line)
        else:
            self._tail.add(self._in_words(line))

    def _in_words(self, line: str) -> str:
        for theirs, ours in _WOULD.items():
            if line.startswith(theirs):
                return ours + line.removeprefix(theirs)
        return line


def _seconds(clock: str) -> float:
    seconds = 0
    for part in clock.split(":"):
        seconds = seconds * 60 + int(part)
    return float(seconds)
