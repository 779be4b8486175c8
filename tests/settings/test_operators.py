"""The file of operators' tokens: what it may hold, and what is said of one that cannot be used."""

from __future__ import annotations

from pathlib import Path

import pytest

from entrypoints.operators import LARGEST_FILE, operator_tokens
from entrypoints.settings import Settings, SettingsError


def read(path: Path, token: str = "shared") -> dict[str, str]:
    return operator_tokens(Settings(operator_token=token, operator_tokens_file=str(path)))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "tokens"


def test_without_a_file_all_share_one_token() -> None:
    assert operator_tokens(Settings(operator_token="shared")) == {"operator": "shared"}
    assert operator_tokens(Settings()) == {"operator": "changeme"}


def test_names_beside_the_shared_token(file: Path) -> None:
    file.write_text("# comment\r\n\n kim:a:b=c \nlee@site.org:~!\n")
    assert read(file) == {"operator": "shared", "kim": "a:b=c", "lee@site.org": "~!"}
    assert "operator" not in read(file, token="changeme")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "it names no operator"),
        ("# nobody\n", "it names no operator"),
        ("kim:hunter2\nhunter2\n", "line 2: accepted is name:token"),
        ("kim:hunter2 x", "line 1: accepted is name:token"),
        (":hunter2", "line 1: accepted is name:token"),
        ("kim:", "line 1: accepted is name:token"),
        ("ki m:hunter2", "line 1: accepted is name:token"),
        ("이:hunter2", "line 1: accepted is name:token"),
        ("kim:hünter2", "line 1: accepted is name:token"),
        ("operator:hunter2", "line 1 names operator again"),
        ("kim:hunter2\nkim:hunter3", "line 2 names kim again"),
        ("kim:hunter2\nlee:hunter2", "line 2 has the token of another operator"),
        ("kim:shared", "line 1 has the token of another operator"),
        ("#" * (LARGEST_FILE + 1), "it is larger than"),
    ],
)
def test_a_file_that_cannot_be_used_stops_the_start_and_shows_no_token(file: Path, text: str, words: str) -> None:
    file.write_text(text)
    with pytest.raises(SettingsError) as problem:
        read(file)
    assert words in str(problem.value)
    assert str(problem.value).startswith(f"DMS_OPERATOR_TOKENS_FILE={str(file)!r}: ")
    assert "hunter" not in str(problem.value)
    assert problem.value.__cause__ is None


def test_a_file_that_is_not_there_or_no_text(file: Path) -> None:
    with pytest.raises(SettingsError, match="No such file or directory"):
        read(file)
    with pytest.raises(SettingsError, match="Is a directory"):
        read(file.parent)
    file.write_bytes(b"kim:\xff")
    with pytest.raises(SettingsError, match="it is not UTF-8 text"):
        read(file)
