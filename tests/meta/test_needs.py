import os
import sys

import pytest

from tests.support.needs import in_ci, require_program, require_root


@pytest.mark.parametrize(("value", "expected"), [("", False), ("false", False), ("true", True), ("1", True)])
def test_ci_is_known_by_its_variable(monkeypatch: pytest.MonkeyPatch, value: str, expected: bool) -> None:
    monkeypatch.setenv("CI", value)
    assert in_ci() is expected


def test_a_missing_program_fails_in_ci_and_skips_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match="no-such-program"):
        require_program("no-such-program")
    monkeypatch.delenv("CI")
    with pytest.raises(pytest.skip.Exception, match="no-such-program"):
        require_program("no-such-program")


def test_a_program_that_is_there_is_named_with_its_path(monkeypatch: pytest.MonkeyPatch) -> None:
    folder, name = os.path.split(sys.executable)
    monkeypatch.setenv("PATH", folder)
    assert require_program(name) == sys.executable


def test_root_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    require_root()
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    monkeypatch.delenv("CI", raising=False)
    with pytest.raises(pytest.skip.Exception, match="root"):
        require_root()
