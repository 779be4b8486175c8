"""`completion`: what a shell makes of the script."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.cli import program

COMPLETED = (
    "COMP_WORDS=(dms-scheduler {words}); COMP_CWORD={last}; _dms_scheduler; printf '%s\\n' \"${{COMPREPLY[@]}}\""
)


def completed(script: Path, *words: str) -> set[str]:
    """What bash offers for the last word."""
    asked = COMPLETED.format(words=" ".join(f"'{word}'" for word in words), last=len(words))
    ended = subprocess.run(
        ["bash", "-c", f"source '{script}'; {asked}"],
        capture_output=True,
        text=True,
        check=True,
        timeout=program.LONG_S,
    )
    return {line.strip() for line in ended.stdout.splitlines()}


@pytest.mark.slow
def test_bash_completes_commands_and_options(tmp_path: Path) -> None:
    script = tmp_path / "completion.bash"
    printed = program.run("completion", "bash")
    assert printed.returncode == 0
    script.write_text(printed.stdout)
    assert {"serve", "admin", "completion"} <= completed(script, "")
    assert completed(script, "admin", "re") == {"resume", "retry"}
    assert completed(script, "admin", "bl") == {"block", "blocks"}
    assert {"--since", "--kind", "--json"} <= completed(script, "admin", "events", "--")
    assert "--token-file" in completed(script, "admin", "cancel", "--")


@pytest.mark.parametrize("shell", ["zsh", "fish"])
@pytest.mark.slow
def test_the_other_shells_have_a_script_too(shell: str) -> None:
    printed = program.run("completion", shell)
    assert printed.returncode == 0
    assert "dms-scheduler" in printed.stdout
    if shutil.which(shell):
        subprocess.run([shell, "-n", "/dev/stdin"], input=printed.stdout, text=True, check=True, timeout=program.LONG_S)


def test_another_shell_is_no_shell() -> None:
    assert program.run("completion", "cmd").returncode == 2
