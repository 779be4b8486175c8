"""`dms-scheduler completion`: completing commands and options in a shell."""

from __future__ import annotations

from typing import Literal


def completion(shell: Literal["bash", "zsh", "fish"], /) -> None:
    """Print a script that completes commands and options in your shell.

    In bash: source <(dms-scheduler completion bash), which may stand in ~/.bashrc.

    Args:
        shell: The shell that will read the script.
    """
    # The program imports its commands by name, this one among them.
    from entrypoints.cli.main import make_app

    print(make_app(()).generate_completion(shell=shell))
