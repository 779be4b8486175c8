"""What is checked and said before the service starts."""

from __future__ import annotations

import logging
import os
from dataclasses import replace
from pathlib import Path

import pytest

from entrypoints.executors import run_as
from entrypoints.settings import ExecutorKind, MoverKind, RunAs, Settings, SettingsError, StoreKind
from entrypoints.startup import check_settings, tell_of_settings

PLACEHOLDER = Settings(executor=ExecutorKind.PLACEHOLDER, operator_token="own")


@pytest.fixture
def local(tmp_path: Path) -> Settings:
    return Settings(allowed_roots=(str(tmp_path),), operator_token="own")


def become(monkeypatch: pytest.MonkeyPatch, uid: int) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: uid)


def test_good_settings_pass(local: Settings) -> None:
    check_settings(local)
    check_settings(PLACEHOLDER)
    check_settings(replace(PLACEHOLDER, workers=8))


def test_the_local_executor_needs_roots() -> None:
    with pytest.raises(SettingsError) as caught:
        check_settings(Settings())
    told = str(caught.value)
    assert told.isprintable()
    assert "DMS_ALLOWED_ROOTS is not set" in told
    assert "DMS_ALLOWED_ROOTS=/pvs:/home/gpu1" in told
    assert "DMS_EXECUTOR=placeholder to try the service without moving anything" in told


def test_a_root_must_be_a_directory(local: Settings, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="nope, which is not a directory"):
        check_settings(replace(local, allowed_roots=(str(tmp_path / "nope"),)))


@pytest.mark.parametrize("executor", ExecutorKind)
def test_the_memory_store_refuses_a_second_worker(local: Settings, executor: ExecutorKind) -> None:
    with pytest.raises(SettingsError, match=r"DMS_WORKERS='2': the memory store lives in one process"):
        check_settings(replace(local, executor=executor, store=StoreKind.MEMORY, workers=2))


def test_only_root_may_act_for_users(local: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    become(monkeypatch, 1000)
    with pytest.raises(SettingsError, match=r"DMS_RUN_AS='user': only root may .* accepted is service"):
        check_settings(replace(local, run_as=RunAs.USER))
    check_settings(replace(local, run_as=RunAs.SERVICE))
    check_settings(local)


def test_rsync_must_be_there(local: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SettingsError, match="rsync"):
        check_settings(replace(local, mover=MoverKind.RSYNC))


@pytest.mark.parametrize(
    ("uid", "chosen", "effective"),
    [
        (0, None, RunAs.USER),
        (0, RunAs.SERVICE, RunAs.SERVICE),
        (1000, None, RunAs.SERVICE),
        (1000, RunAs.SERVICE, RunAs.SERVICE),
    ],
)
def test_whose_rights_work_has(
    monkeypatch: pytest.MonkeyPatch, uid: int, chosen: RunAs | None, effective: RunAs
) -> None:
    become(monkeypatch, uid)
    assert run_as(Settings(run_as=chosen)) is effective


@pytest.mark.parametrize(
    ("changes", "uid", "warning"),
    [
        ({"operator_token": "changeme"}, 0, "DMS_OPERATOR_TOKEN has its default"),
        ({"executor": ExecutorKind.PLACEHOLDER}, 1000, "DMS_EXECUTOR is placeholder"),
        ({"run_as": RunAs.SERVICE}, 0, "DMS_RUN_AS is service"),
        ({}, 1000, "DMS_RUN_AS is service"),
        ({}, 0, None),
    ],
)
def test_warnings(
    local: Settings,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    changes: dict[str, object],
    uid: int,
    warning: str | None,
) -> None:
    become(monkeypatch, uid)
    tell_of_settings(replace(local, **changes))  # type: ignore[arg-type]
    told = [record.getMessage() for record in caplog.records if record.levelno == logging.WARNING]
    assert len(told) == (warning is not None)
    assert all(warning is not None and warning in each for each in told)
