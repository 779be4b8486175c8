"""The worker: everything that touches a user's paths, with the user's rights."""

from __future__ import annotations

import os
import stat

from adapters.executors.local.supervisor.anchors import Anchor, Identity, Refusal, anchor, identity, refused
from adapters.executors.local.supervisor.clearing import Clearing
from adapters.executors.local.supervisor.copying import Copying
from adapters.executors.local.supervisor.job import Job, tell
from adapters.executors.local.supervisor.moving import Mover
from adapters.executors.local.supervisor.removing import Removal
from adapters.executors.local.supervisor.settling import Settling
from adapters.executors.local.supervisor.walking import kind


def work(job: Job, program: int, scratch: str) -> None:
    """Do the job and tell how it went. The process has the user's rights by now."""
    try:
        if job["kind"] == "remove":
            _remove(job)
        else:
            _copy(job, program, scratch)
    except Refusal as refusal:
        tell({"event": "refused", "reason": str(refusal)})
    except OSError as error:
        shown = error.filename if isinstance(error.filename, str) else "the work"
        tell({"event": "refused", "reason": str(refused(error, shown))})


def _remove(job: Job) -> None:
    target = anchor(job["target"], job["roots"])
    status = target.status()
    if status is None:
        if not job["gone_is_done"]:
            raise Refusal(f"there is no {target.shown}")
        tell({"event": "working"})
        tell({"event": "removed", "files_done": 0, "files_total": 0, "problems": [], "more_problems": 0})
        return
    _keep_roots(target, identity(status), job["roots"])
    tell({"event": "working"})
    removal = Removal(dry_run=job["dry_run"])
    removal.run(target.parent, target.name, stat.S_ISDIR(status.st_mode))
    tell(
        {
            "event": "removed",
            "files_done": removal.done,
            "files_total": removal.total,
            "problems": removal.notes.told,
            "more_problems": removal.notes.more,
        }
    )


def _copy(job: Job, program: int, scratch: str) -> None:
    source = anchor(job["source"], job["roots"])
    status = source.status()
    if status is None:
        raise Refusal(f"there is no source {source.shown}")
    if not (stat.S_ISDIR(status.st_mode) or stat.S_ISREG(status.st_mode)):
        raise Refusal(f"the source {source.shown} is {kind(status.st_mode)}: name a file or a directory")
    target = anchor(job["target"], job["roots"], make_parents=not job["dry_run"])
    standing = target.status()
    if standing is not None:
        if stat.S_IFMT(standing.st_mode) != stat.S_IFMT(status.st_mode):
            raise Refusal(
                f"the source {source.shown} is {kind(status.st_mode)} and "
                f"the target {target.shown} is {kind(standing.st_mode)}"
            )
        _keep_apart(source, identity(status), target, identity(standing))
        _keep_roots(target, identity(standing), job["roots"])
    elif identity(status) in target.above:
        raise Refusal(f"the target {target.shown} lies in the source {source.shown}")
    mover = Mover(job, program, scratch, (source.parent, source.name), (target.parent, target.name))
    if stat.S_ISDIR(status.st_mode):
        _copy_tree(job, mover, source, target, is_new=standing is None)
    else:
        _copy_file(job, mover, source, target)


def _copy_tree(job: Job, mover: Mover, source: Anchor, target: Anchor, *, is_new: bool) -> None:
    source_fd = source.open_directory()
    target_fd = _directory_to_fill(job, target, is_new=is_new)
    tell({"event": "working"})
    copying = Copying(job, mover)
    if target_fd is None:
        copying.comparison.differ()
    else:
        Clearing(job, copying.comparison).run(source_fd, target_fd)
    copying.move(job["tree_arguments"], source_fd, target_fd)
    settling = copying.settling()
    if settling is not None and target_fd is not None:
        settling.tree(source_fd, target_fd)
        _tell_settled(settling)


def _copy_file(job: Job, mover: Mover, source: Anchor, target: Anchor) -> None:
    try:
        source_fd = os.open(source.name, os.O_PATH | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=source.parent)
    except OSError as error:
        raise refused(error, source.shown) from error
    tell({"event": "working"})
    copying = Copying(job, mover)
    standing = target.status()
    if standing is None:
        copying.comparison.differ()
    else:
        status = os.fstat(source_fd)
        copying.comparison.pair(source.parent, target.parent, source.name, target.name, status, standing)
    copying.move(job["file_arguments"], source_fd, None if job["dry_run"] else target.parent)
    settling = copying.settling()
    if settling is not None:
        settling.entry(source.parent, target.parent, source.name, target.name, source.name)
        if target.status() is None:
            settling.problems.add(source.name, "was not copied")
        _tell_settled(settling)


def _directory_to_fill(job: Job, target: Anchor, *, is_new: bool) -> int | None:
    if is_new:
        if job["dry_run"]:
            return None
        try:
            os.mkdir(target.name, 0o700, dir_fd=target.parent)
        except FileExistsError:
            pass
        except OSError as error:
            raise refused(error, f"cannot make the directory {target.shown}") from error
    return target.open_directory()


def _keep_apart(source: Anchor, source_id: Identity, target: Anchor, target_id: Identity) -> None:
    """Refuse a source and a target of which one lies in the other, by whatever names (bind mounts, symlinked roots)."""
    if source_id == target_id or source_id in target.above or target_id in source.above:
        raise Refusal(f"the source {source.shown} and the target {target.shown} lie in one another")


def _keep_roots(target: Anchor, target_id: Identity, roots: list[str]) -> None:
    for root in roots:
        try:
            real = os.path.realpath(root, strict=True)
            found = anchor(real, [real])
            status = found.status()
        except (OSError, Refusal):
            continue  # a root that this user cannot reach is not in a tree that he can change
        if target_id in found.above or (status is not None and identity(status) == target_id):
            raise Refusal(f"{target.shown} is or holds the allowed root {root}")


def _tell_settled(settling: Settling) -> None:
    tell(
        {
            "event": "settled",
            "problems": settling.problems.told,
            "more_problems": settling.problems.more,
            "notes": [f"{note} (left as it is)" for note in settling.notes.told],
        }
    )
