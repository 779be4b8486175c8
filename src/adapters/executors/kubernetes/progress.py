"""How far a mover says that it is: rclone in the statistics of its JSON log, mpiFileUtils in lines for people."""

from __future__ import annotations

import re
from collections.abc import Mapping

from domain.values import Progress

_UNIT = r"(?P<{0}_unit>B|[KMGTPE]i?B)"
_COPIED = re.compile(
    rf"Copied (?P<done>[0-9.]+) {_UNIT.format('done')} \((?P<percent>[0-9.]+)%\) in [0-9.]+ secs? "
    rf"\((?P<rate>[0-9.]+) {_UNIT.format('rate')}/s\)(?: (?P<eta>[0-9]+) secs? left)?"
)
_REMOVED = re.compile(
    r"(?:Removed|Deleted) (?P<done>[0-9]+) items \((?P<percent>[0-9.]+)%\) in [0-9.]+ secs? "
    r"\([0-9.]+ items/sec\)(?: (?P<eta>[0-9]+) secs? (?:remaining|left))?"
)
_POWERS: dict[str, int] = {letter: 1024**power for power, letter in enumerate("KMGTPE", 1)}


def of_rclone(stats: Mapping[str, object]) -> Progress:
    """Read the ``stats`` of an entry of rclone's JSON log."""
    eta = stats.get("eta")
    return Progress(
        bytes_done=int(_number(stats, "bytes")),
        bytes_total=int(_number(stats, "totalBytes")),
        files_done=int(_number(stats, "transfers")),
        files_total=int(_number(stats, "totalTransfers")),
        rate_bps=_number(stats, "speed"),
        eta_s=float(eta) if isinstance(eta, int | float) else None,
    )


def of_mpifileutils(line: str) -> Progress | None:
    """Read a progress line of ``dcp``, ``dsync`` or ``drm``; None for any other. Totals follow from the percentage."""
    if found := _COPIED.search(line):
        done = int(float(found["done"]) * _factor(found["done_unit"]))
        return Progress(
            bytes_done=done,
            bytes_total=_total(done, found["percent"]),
            rate_bps=float(found["rate"]) * _factor(found["rate_unit"]),
            eta_s=None if found["eta"] is None else float(found["eta"]),
        )
    if found := _REMOVED.search(line):
        done = int(found["done"])
        eta_s = None if found["eta"] is None else float(found["eta"])
        return Progress(files_done=done, files_total=_total(done, found["percent"]), eta_s=eta_s)
    return None


def _factor(unit: str) -> int:
    return _POWERS.get(unit[0], 1)


def _total(done: int, percent: str) -> int:
    return round(done * 100 / float(percent)) if float(percent) else 0


def _number(stats: Mapping[str, object], name: str) -> float:
    value = stats.get(name)
    return float(value) if isinstance(value, int | float) else 0.0
