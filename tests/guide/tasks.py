"""A first-time operator's five tasks, typed at a real service, and what it looks like meanwhile."""

from __future__ import annotations

import json
import os
import shlex
from collections.abc import Iterator
from pathlib import Path

from tests.guide.site import URL, Site, until
from tests.guide.tmux import screen_of

QUICK_TASKS = 100
FILES, BYTES_PER_FILE = 12, 2**20
SLOWLY = "--bwlimit 512K"
"""A copy of the tree takes 24 seconds then."""

METRICS = f"curl -s {URL}/metrics | grep -v -e '^#' -e _bucket -e ' 0.0$'"
REASON = "too many copies at once; please call us"

Shown = tuple[str, str]
"""The name of a block of the guide, and what it shows."""


def make_trees(root: Path) -> None:
    """Make what is moved: a tree that takes a while, and one that does not."""
    for name, files, size in (("source", FILES, BYTES_PER_FILE), ("small", 3, 1000)):
        (root / name).mkdir()
        for number in range(files):
            (root / name / f"part-{number:02}").write_bytes(os.urandom(size))


def quick_tasks(site: Site) -> Iterator[Shown]:
    """Bring a hundred small tasks home, and look at the metrics."""
    for number in range(QUICK_TASKS):
        site.sync(("dave", "erin")[number % 2], f"quick-{number}", source="small")
    until(lambda: site.ids("completed"), lambda ids: len(ids) == QUICK_TASKS)
    yield "metrics", site.type(METRICS)


def five_tasks(site: Site, home: Path) -> Iterator[Shown]:
    """Let a user submit too much, and do what the guide says."""
    failed = site.sync("bob", "copy", source="results")
    until(lambda: site.ids("failed"), lambda ids: failed in ids)
    for number in range(1, 9):
        site.sync("alice", f"alice-{number}", options=SLOWLY)
    waiting = site.sync("carol", "carol-1")
    yield "top", _top(site, home)
    yield "find the hog", site.type("dms-scheduler admin users")
    yield "block him", site.type(f"dms-scheduler admin block alice --reason {shlex.quote(REASON)}")
    yield "what she is told", _submit(site, site.register("alice", "alice-9"))
    last = str(max(map(int, site.ids("pending", user="alice"))))
    yield "raise one task", _typed(site, f"admin priority {last} high", f"admin why {last}", f"admin why {waiting}")
    yield "why it failed", _typed(site, "admin tasks --status failed", f"admin why {failed}", f"admin logs {failed}")
    (site.root / "results").mkdir()
    retry = f"admin retry {failed} --reason 'the source is there now'"
    yield "retry it", _typed(site, retry, f"admin logs -f {failed}")
    yield "what was done", site.type("dms-scheduler admin throughput")
    yield "who did it", site.type("dms-scheduler admin audit")


def _typed(site: Site, *commands: str) -> str:
    return "\n".join(site.type(f"dms-scheduler {command}") for command in commands)


def _top(site: Site, home: Path) -> str:
    """Look over the operator's shoulder until both bars have come some way."""

    def is_telling(seen: str) -> bool:
        return "2 at work" in seen and seen.count("kB/s") >= 2 and "Replicas" in seen

    with screen_of("dms-scheduler admin top", site.environment, home) as screen:
        return until(screen, is_telling)


def _submit(site: Site, body: dict[str, object]) -> str:
    answer = site.submit(body)
    assert answer.status_code == 403
    return f"HTTP {answer.status_code}\n{json.dumps(answer.json(), indent=2)}\n"
