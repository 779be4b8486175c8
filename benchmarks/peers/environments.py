"""A virtual environment for each peer: the service must not depend on them, and they want different Redis clients."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
INSTALL_S = 600.0


class CannotInstall(Exception):
    """A peer's packages are not to be had."""


def requirements(peer: str) -> Path:
    """Return the file with the exact versions."""
    return Path(__file__).with_name(f"requirements-{peer}.txt")


def version(peer: str) -> str:
    """Return the version of the peer itself that is asked for."""
    lines = requirements(peer).read_text().splitlines()
    return next(line.removeprefix(f"{peer}==") for line in lines if line.startswith(f"{peer}=="))


def environment(peer: str, directory: Path) -> Path:
    """Return the interpreter of the peer's environment, which is made where it is missing or holds other versions.

    Raises CannotInstall.
    """
    wanted = requirements(peer).read_text()
    home = directory.resolve() / peer
    python, installed = home / "bin" / "python", home / "installed.txt"
    if not installed.exists() or installed.read_text() != wanted:
        print(f"Installing {peer} {version(peer)} into {home}.", flush=True)
        _run(peer, sys.executable, "-m", "venv", "--clear", str(home))
        pip = ("-m", "pip", "--disable-pip-version-check", "install", "--quiet", "--no-deps")
        _run(peer, str(python), *pip, "--requirement", str(requirements(peer)))
        _run(peer, str(python), "-m", "pip", "--disable-pip-version-check", "check")
        installed.write_text(wanted)
    return python


def _run(peer: str, *command: str) -> None:
    try:
        ended = subprocess.run(command, capture_output=True, text=True, timeout=INSTALL_S, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise CannotInstall(f"{peer} cannot be installed: {error}") from error
    if ended.returncode != 0:
        said = [line for line in (ended.stdout + ended.stderr).splitlines() if line.strip()]
        raise CannotInstall("\n".join([f"{peer} cannot be installed. It was said:", *said[-5:]]))
