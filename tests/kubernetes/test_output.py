"""What the launcher prints, as the record shows it, and the progress in it."""

from __future__ import annotations

import json

import pytest

from adapters.executors.kubernetes.output import LONGEST_LINE, LineSplitter, Output
from adapters.executors.kubernetes.progress import of_mpifileutils
from domain.values import Progress


def heard(*lines: str) -> Output:
    output = Output()
    for line in lines:
        output.hear(line)
    return output


def test_nothing_printed_is_nothing_to_say() -> None:
    assert Output().text() is None
    assert heard("", "  ").text() is None


def test_errors_come_first_then_warnings_then_the_last_lines() -> None:
    output = heard("one", "WARNING: slow", "ERROR: no space", "two", "Failed to open `/a'", "0 errors", "three")
    assert output.text() == "ERROR: no space\nFailed to open `/a'\nWARNING: slow\none\ntwo\n0 errors\nthree"
    assert output.errors == ("ERROR: no space", "Failed to open `/a'")
    assert output.last == "three"


def test_it_is_bounded_whatever_is_printed() -> None:
    output = heard(
        *(f"{kind} {number} " + "x" * 1000 for number in range(300) for kind in ("error", "warning", "line"))
    )
    lines = (output.text() or "").splitlines()
    assert len(lines) == 20 + 1 + 20 + 50
    assert max(map(len, lines[:20])) <= 400
    assert lines[0].startswith("error 0 ")
    assert lines[20].startswith("… and 280 more errors, the last: error 299 ")
    assert output.errors[-1].startswith("error 299 ")
    assert lines[21].startswith("warning 280 ")
    assert lines[-1].startswith("line 299 ")


def test_what_a_terminal_would_obey_is_only_text() -> None:
    assert heard("\x1b[31mred\x1b[0m\x07").text() == "red\\x07"


def test_rclones_log_tells_messages_levels_and_progress() -> None:
    stats = {"bytes": 5, "totalBytes": 10, "transfers": 1, "totalTransfers": 2, "speed": 2.5, "eta": 2}
    output = heard(
        json.dumps({"level": "error", "msg": "permission denied", "object": "a/b"}),
        json.dumps({"level": "info", "msg": "Copied (new)", "object": "c"}),
        json.dumps({"level": "info", "msg": "\nTransferred: …", "stats": stats}),
        '{"not": "ours"}',
        '{"half',
    )
    assert output.text() == 'a/b: permission denied\nc: Copied (new)\n{"not": "ours"}\n{"half'
    assert output.progress == Progress(5, 10, 1, 2, 2.5, 2.0)


def test_rclone_may_not_know_its_time_left() -> None:
    assert heard(json.dumps({"stats": {"bytes": 5, "eta": None}})).progress == Progress(bytes_done=5)


@pytest.mark.parametrize(
    ("line", "progress"),
    [
        (
            "[2026-03-12T10:00:10] Copied 2.000 GiB (25%) in 10.003 secs (512.000 MiB/s) 12 secs left ...",
            Progress(2 * 1024**3, 8 * 1024**3, rate_bps=512 * 1024**2, eta_s=12.0),
        ),
        ("Copied 512.000 B (100%) in 0.003 secs (1.500 KiB/s) done", Progress(512, 512, rate_bps=1536.0)),
        ("Copied 0.000 B (0%) in 1.000 secs (0.000 B/s) -1 secs left ...", Progress()),
        (
            "Removed 1500 items (50.00%) in 10.004 secs (150.000 items/sec) 10 secs remaining ...",
            Progress(files_done=1500, files_total=3000, eta_s=10.0),
        ),
        (
            "Removed 3000 items (100.00%) in 20.0 secs (150.0 items/sec) done",
            Progress(files_done=3000, files_total=3000),
        ),
        ("Walked 3000 items in 1.000 secs (3000.000 items/sec) ...", None),
        ("Copied that.", None),
    ],
)
def test_progress_of_mpifileutils(line: str, progress: Progress | None) -> None:
    assert of_mpifileutils(line) == progress


def test_another_pod_begins_anew() -> None:
    output = heard("ERROR: first try")
    output.forget_errors()
    output.hear("ERROR: second try")
    assert output.errors == ("ERROR: second try",)
    assert output.text() == "ERROR: second try\nERROR: first try"


def test_lines_are_put_together_from_whatever_comes() -> None:
    splitter = LineSplitter()
    assert splitter.feed("ä".encode()[:1]) == []
    assert splitter.feed("ä".encode()[1:] + b"b\rc\n\nd") == ["äb", "c"]
    assert splitter.end() == ["d"]
    assert splitter.end() == []


def test_a_line_without_an_end_does_not_grow_for_ever() -> None:
    splitter = LineSplitter()
    for _ in range(10):
        splitter.feed(b"x" * LONGEST_LINE)
    (line,) = splitter.end()
    assert len(line) == LONGEST_LINE
