"""Reading what movers print: lines as rclone 1.75 and rsync 3.5 have printed them."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from adapters.executors.local.movers.base import Listener, Verdict
from adapters.executors.local.movers.rclone_output import RcloneListener
from adapters.executors.local.movers.rsync_output import RsyncListener
from adapters.executors.local.options import Options
from adapters.executors.output import Tail
from domain.values import Progress

DELETE = Options(delete=True)


def hear(make: Callable[[Tail, Options], Listener], options: Options, *lines: str) -> tuple[Listener, Tail]:
    tail = Tail({})
    listener = make(tail, options)
    for line in lines:
        listener.hear(line)
    return listener, tail


def rclone(level: str, message: str, about: str = "", **more: object) -> str:
    return json.dumps({"time": "2026-01-01T00:00:00Z", "level": level, "msg": message, "object": about, **more})


# --- rclone ----------------------------------------------------------------------------------------------------


def test_rclone_tells_progress() -> None:
    stats = {"bytes": 21, "totalBytes": 42, "transfers": 1, "totalTransfers": 3, "speed": 7.5, "eta": 3, "deletes": 2}
    listener, tail = hear(RcloneListener, DELETE, rclone("notice", "\nTransferred: …", stats=stats))
    assert listener.progress == Progress(21, 42, 1, 3, 7.5, 3.0)
    assert listener.summary() == "1 files (21 bytes) copied, 2 deleted."
    assert tail.text() == ""
    listener.hear(rclone("notice", "", stats={"bytes": 1, "eta": None}))
    assert listener.progress == Progress(bytes_done=1)


def test_rclone_errors_of_a_try_that_is_repeated_are_forgiven() -> None:
    listener, tail = hear(
        RcloneListener,
        Options(),
        rclone("error", "Failed to copy: open a: permission denied", "a"),
        rclone("error", "Attempt 1/3 failed with 1 errors and: open a: permission denied"),
    )
    assert tail.errors == ()
    assert listener.judge(0) == Verdict(done=True)


def test_rclone_errors_of_the_last_try_count() -> None:
    listener, _ = hear(
        RcloneListener,
        DELETE,
        rclone("error", "Attempt 2/3 failed with 1 errors and: whatever"),
        rclone("error", "Failed to copy: open a: permission denied", "a"),
        rclone("error", "not deleting files as there were IO errors", "Local file system at /x"),
        rclone("error", "Attempt 3/3 failed with 1 errors and: open a: permission denied"),
        rclone("notice", "Failed to sync: open a: permission denied"),
    )
    assert listener.judge(1) == Verdict(
        False, "permission denied: a: Failed to copy: open a: permission denied", transient=False
    )


VANISHED = rclone("error", "Failed to copy: failed to open source object: lstat /x/a: no such file or directory", "a")


def test_rclone_a_vanished_file_alone_is_no_failure() -> None:
    listener, tail = hear(RcloneListener, Options(), VANISHED, VANISHED)
    assert listener.judge(1) == Verdict(done=True)
    assert tail.text() == "a: vanished while it was copied"


def test_rclone_deletes_that_were_skipped_for_it_are_tried_again() -> None:
    listener, _ = hear(RcloneListener, DELETE, VANISHED, rclone("error", "not deleting files as there were IO errors"))
    verdict = listener.judge(1)
    assert not verdict.done
    assert verdict.transient


def test_rclone_a_vanished_file_excuses_nothing_else() -> None:
    listener, _ = hear(RcloneListener, Options(), VANISHED, rclone("error", "Failed to copy: disk quota exceeded", "b"))
    assert listener.judge(1).reason.startswith("the quota of the target's file system is used up: b: ")


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        (rclone("notice", "Can't transfer non file/directory", "fifo"), "fifo: skipped, it is a special file"),
        (rclone("notice", "Skipped copy as --dry-run is set (size 5)", "a"), "would copy a"),
        (rclone("notice", 'Replacing invalid UTF-8 characters in "l\\xdf"', "Local file system at /x"), ""),
        (rclone("notice", "hello", "Local file system at /x"), "hello"),
        ("panic: not JSON", "panic: not JSON"),
        ("17", "17"),
    ],
)
def test_rclone_lines_for_people(line: str, shown: str) -> None:
    _, tail = hear(RcloneListener, Options(), line)
    assert tail.text().startswith(shown)
    assert bool(tail.text()) == bool(shown)


def test_rclone_that_ends_with_words_but_no_error_is_told_by_them() -> None:
    listener, _ = hear(RcloneListener, Options(), rclone("notice", "Failed to copy: stale file handle"))
    assert listener.judge(1) == Verdict(
        False, "the storage lost track of a file: Failed to copy: stale file handle", transient=True
    )


# --- rsync -----------------------------------------------------------------------------------------------------


def test_rsync_tells_progress() -> None:
    listener, tail = hear(
        RsyncListener,
        Options(),
        "",
        "        500000  50%    1.50MB/s    0:01:05  ",
    )
    assert listener.progress == Progress(500_000, 1_000_000, 0, 0, 1.5 * 2**20, 65.0)
    listener.hear("        600000  60%    2.00kB/s    0:00:02 (xfr#3, ir-chk=7/10)")
    assert listener.progress == Progress(600_000, 1_000_000, 3, 10, 2048.0, 65.0)
    listener.hear("        999999  99%    2.00kB/s    0:00:02 (xfr#9, to-chk=0/10)")
    assert listener.progress == Progress(999_999, 999_999, 10, 10, 2048.0, 0.0)
    assert tail.text() == ""


def test_rsync_tells_what_goes_wrong_behind_the_progress() -> None:
    listener, _ = hear(
        RsyncListener,
        Options(),
        '32768   0%    0.00kB/s    0:00:00  rsync: [receiver] write failed on "/x": No space left on device (28)',
        "rsync error: error in file IO (code 11) at receiver.c(657) [receiver=3.5.0]",
        "rsync: [sender] write error: Broken pipe (32)",
    )
    verdict = listener.judge(11)
    assert verdict.reason == (
        "the target's file system is full: "
        'rsync: [receiver] write failed on "/x": No space left on device (28) (and 1 more errors)'
    )
    assert not verdict.transient


def test_rsync_sums_up() -> None:
    listener, tail = hear(
        RsyncListener,
        DELETE,
        "Number of files: 5 (reg: 3, dir: 2)",
        "Number of created files: 3 (reg: 3)",
        "Number of deleted files: 4 (reg: 3, dir: 1)",
        "Number of regular files transferred: 3",
        "Total file size: 30 bytes",
        "Total transferred file size: 21 bytes",
        "Literal data: 21 bytes",
        "File list generation time: 0.001 seconds",
        "sent 100 bytes  received 20 bytes  240.00 bytes/sec",
        "total size is 30  speedup is 0.25",
    )
    assert listener.summary() == "3 files (21 bytes) copied, 4 deleted."
    assert tail.text() == ""


@pytest.mark.parametrize("code", [23, 24])
def test_rsync_vanished_files_alone_are_no_failure(code: int) -> None:
    listener, tail = hear(
        RsyncListener,
        Options(),
        'file has vanished: "/x/a"',
        "rsync warning: some files vanished before they could be transferred (code 24) at main.c(1) [sender=3.5.0]",
    )
    assert listener.judge(code) == Verdict(done=True)
    assert tail.text() == "/x/a: vanished while it was copied"


def test_rsync_attributes_that_may_not_be_set_are_left() -> None:
    listener, tail = hear(
        RsyncListener,
        Options(),
        'rsync: [generator] failed to set times on "/x/.": Operation not permitted (1)',
        "rsync error: some files/attrs were not transferred (see previous errors) (code 23) at main.c(1)",
    )
    assert listener.judge(23) == Verdict(done=True)
    assert tail.text().endswith("Operation not permitted (1) (left as it is)")


def test_rsync_an_error_is_not_excused_by_either() -> None:
    listener, _ = hear(
        RsyncListener,
        Options(),
        'file has vanished: "/x/a"',
        'rsync: [sender] send_files failed to open "/x/b": Permission denied (13)',
    )
    for code in (23, 24):
        assert not listener.judge(code).done


def test_rsync_that_ends_with_its_conclusion_alone_is_told_by_it() -> None:
    listener, _ = hear(RsyncListener, Options(), "rsync error: timeout in data send/receive (code 30) at io.c(1)")
    assert listener.judge(30).reason == ("rsync failed: rsync error: timeout in data send/receive (code 30) at io.c(1)")


def test_rsync_says_that_it_copies_one_file_at_a_time() -> None:
    _, tail = hear(RsyncListener, Options(transfers=4), 'skipping non-regular file "fifo"', "would del. x")
    assert tail.text().splitlines() == [
        "rsync copies one file at a time: --transfers and --checkers change nothing",
        "fifo: skipped, it is a special file (pipe, socket or device)",
        "would delete x",
    ]
