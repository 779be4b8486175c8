"""The allow-list of `parameters.options`."""

from __future__ import annotations

import shlex

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.executors.local.movers.rclone import Rclone
from adapters.executors.local.movers.rsync import Rsync
from adapters.executors.local.options import MOST_AT_ONCE, Options, read_options
from domain.errors import InvalidRequest


@pytest.mark.parametrize(
    ("given_options", "expected"),
    [
        ("", Options()),
        ("   ", Options()),
        ("--delete --contents", Options(delete=True, by_content=True)),
        ("--dryrun", Options(dry_run=True)),
        ("--bwlimit 100M", Options(bytes_per_s=100 * 2**20)),
        ("--bwlimit=1.5G", Options(bytes_per_s=3 * 2**29)),
        ("--bwlimit '1K'", Options(bytes_per_s=1024)),
        ("--transfers 1 --checkers=64", Options(transfers=1, checkers=64)),
        ("--transfers 2 --transfers 3", Options(transfers=3)),
    ],
)
def test_accepted(given_options: str, expected: Options) -> None:
    assert read_options("sync", given_options) == expected


@pytest.mark.parametrize(
    ("given_options", "complaint"),
    [
        ("--delete --rsh=reboot", "option '--rsh' is not accepted for sync; accepted: --delete "),
        ("-x", "option '-x' is not accepted"),
        ("/etc/passwd", "option '/etc/passwd' is not accepted"),
        ("--", "option '--' is not accepted"),
        ("--bwlimit-file x", "option '--bwlimit-file' is not accepted"),
        ("--del", "option '--del' is not accepted"),
        ("--delete=yes", "option '--delete' takes no value; got 'yes'"),
        ("--bwlimit", "option '--bwlimit' needs a value"),
        ("--bwlimit 100", "--bwlimit must be a rate"),
        ("--bwlimit 0K", "--bwlimit must be a rate"),
        ("--bwlimit -1M", "--bwlimit must be a rate"),
        ("--bwlimit 08:00,512k", "--bwlimit must be a rate"),
        ("--transfers 0", "--transfers must be a number from 1 to 64; got '0'"),
        ("--checkers 65", "--checkers must be a number from 1 to 64; got '65'"),
        ("--checkers ٣", "--checkers must be a number"),
        ("--delete 'open", "cannot be read: No closing quotation"),
    ],
)
def test_refused_by_name(given_options: str, complaint: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        read_options("sync", given_options)
    assert complaint in str(refused.value)


@pytest.mark.parametrize("given_options", [None, 5, True, ["--delete"], {"--delete": True}])
def test_only_a_string_is_options(given_options: object) -> None:
    with pytest.raises(InvalidRequest, match="options must be one string, such as '--delete --contents'; got "):
        read_options("sync", given_options)


def test_a_copy_never_deletes_and_a_removal_only_tries() -> None:
    with pytest.raises(InvalidRequest, match="'--delete' is not accepted for cp"):
        read_options("cp", "--contents --delete")
    with pytest.raises(InvalidRequest, match=r"not accepted for rm; accepted: --dryrun \(change nothing\)$"):
        read_options("rm", "--contents")
    assert read_options("rm", "--dryrun") == Options(dry_run=True)


WORDS = st.lists(
    st.sampled_from(["--delete", "--contents", "--dryrun", "--bwlimit", "--transfers", "--checkers", "100M", "7"])
    | st.text(max_size=8),
    max_size=5,
)


@given(WORDS)
def test_nothing_that_a_user_writes_reaches_a_mover_as_it_is(words: list[str]) -> None:
    try:
        options = read_options("sync", shlex.join(words))
    except InvalidRequest:
        return
    rate, transfers, checkers = options.bytes_per_s, options.transfers, options.checkers
    ours = {f"--bwlimit={rate}B", f"--transfers={transfers}", f"--checkers={checkers}", "--checksum", "--dry-run"}
    assert set(Rclone("rclone").tree_arguments(options)[2:]) - set(Rclone("rclone").tree_arguments(Options())) <= ours
    theirs = {f"--bwlimit={(rate or 0) // 1024}K", "--checksum", "--dry-run", "--delete-delay"}
    theirs.add("--out-format=would %o %n%L")
    assert set(Rsync("rsync").tree_arguments(options)) - set(Rsync("rsync").tree_arguments(Options())) <= theirs
    assert transfers is None or 1 <= transfers <= MOST_AT_ONCE
