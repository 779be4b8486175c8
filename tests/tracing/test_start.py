"""What is told at the start where traces cannot be exported, and that nothing else needs the extra."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping

import pytest

from entrypoints.settings import SettingsError
from entrypoints.startup import check_settings
from tests.cli import program
from tests.tracing.calls import ON

WITHOUT_THE_EXTRA = "import sys; sys.modules['opentelemetry'] = None; "
PLACEHOLDER = {"DMS_STORE": "memory", "DMS_EXECUTOR": "placeholder"}


def run(code: str, env: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", WITHOUT_THE_EXTRA + code],
        env=program.environment({**PLACEHOLDER, **env}),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=program.LONG_S,
        check=False,
    )


def test_without_the_extra_the_start_fails_in_one_line_that_says_what_to_install() -> None:
    ended = run("from entrypoints.cli.main import call; sys.exit(call(['serve']))", {"DMS_TRACING": "otlp"})
    assert ended.returncode == 2
    (line,) = ended.stderr.splitlines()
    assert "DMS_TRACING='otlp': opentelemetry" in line
    assert "pip install 'dms-scheduler[otel]'" in line


def test_without_the_extra_all_else_works() -> None:
    code = "from entrypoints.http.app import app_from_environment; app_from_environment(); print('made')"
    ended = run(code, {})
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "made\n", "")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("OTEL_BSP_MAX_QUEUE_SIZE", "0"),
        ("OTEL_BSP_SCHEDULE_DELAY", "-1"),
        ("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "1000000"),
    ],
)
def test_a_variable_that_opentelemetry_cannot_use_is_told_in_one_line(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(
        SettingsError, match=r"DMS_TRACING='otlp': OpenTelemetry cannot be set up as its variables"
    ) as told:
        check_settings(ON)
    assert str(told.value).isprintable()


def test_what_fits_passes() -> None:
    check_settings(ON)
