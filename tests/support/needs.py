"""What to do when the machine lacks something that a test needs."""

import os
import shutil
from typing import NoReturn

import pytest


def in_ci() -> bool:
    """Whether this run decides about a change, so that no test may be left out quietly."""
    return os.environ.get("CI", "").lower() not in {"", "0", "false", "no"}


def unavailable(what: str, remedy: str) -> NoReturn:
    """End the current test: as a failure in CI, as a skip elsewhere."""
    message = f"NOT TESTED: {what}. {remedy}"
    if in_ci():
        pytest.fail(message, pytrace=False)
    pytest.skip(message)


def require_program(name: str) -> str:
    """The full path of a program; ends the test as `unavailable` does where there is none."""
    path = shutil.which(name)
    if path is None:
        unavailable(f"the program {name} is not on PATH", f"Install the package {name}, or run `make test`.")
    return path


def require_root() -> None:
    """Ends the test as `unavailable` does, unless it runs as root."""
    if os.geteuid() != 0:
        unavailable("this test needs root", "Run it as root on a machine that may be changed.")
