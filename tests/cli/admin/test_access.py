"""How the program finds the service, and what it says where it does not."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli import program
from tests.cli.admin.operator import Operator
from tests.http.service import TOKEN
from tests.support.ports import free_port


async def test_the_token_may_stand_in_a_file(operator: Operator, tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text(f"{TOKEN}\n")
    url = str(operator.service.client.base_url)
    ended = await operator.run("tasks", "--token-file", str(file), "--url", url, env={"DMS_OPERATOR_TOKEN": "x"})
    assert ended.returncode == 0


async def test_a_wrong_token_is_3_and_is_not_shown(operator: Operator) -> None:
    ended = await operator.run("drain", env={"DMS_OPERATOR_TOKEN": "a-wrong-one"})
    assert ended.returncode == 3
    assert "refuses the operators' token" in ended.stderr
    assert "a-wrong-one" not in ended.stderr
    assert (await operator.answers("top"))["drained"] is False


@pytest.mark.parametrize("command", ["tasks", "top", "drain"])
def test_a_service_that_is_away_is_3(command: str) -> None:
    url = f"http://127.0.0.1:{free_port()}"
    ended = program.run("admin", command, env={"DMS_URL": url, "DMS_OPERATOR_TOKEN": "x"})
    assert ended.returncode == 3
    assert url in ended.stderr
    assert ended.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("variables", "told"),
    [
        ({}, "token is missing"),
        ({"DMS_OPERATOR_TOKEN": "a\u00e9"}, "ASCII"),
        ({"DMS_OPERATOR_TOKEN": "x", "DMS_URL": "ftp://host"}, "URL such as"),
        ({"DMS_OPERATOR_TOKEN": "x", "DMS_URL": "http://user:secret@host"}, "without user or password"),
        ({"DMS_OPERATOR_TOKEN": "x", "DMS_URL": "http://host:many"}, "URL such as"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_cannot_be_used_is_2_and_is_told_without_secrets(variables: dict[str, str], told: str) -> None:
    ended = program.run("admin", "tasks", env=variables)
    assert ended.returncode == 2
    assert told in ended.stderr
    assert "secret" not in ended.stderr


def test_a_token_file_that_cannot_be_read_is_2(tmp_path: Path) -> None:
    ended = program.run("admin", "tasks", "--token-file", str(tmp_path / "none"))
    assert ended.returncode == 2
    assert "cannot be read" in ended.stderr
