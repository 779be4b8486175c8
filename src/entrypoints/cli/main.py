"""The program `dms-scheduler`."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from cyclopts import App, CycloptsError

from entrypoints.cli.problems import ExitCode, Problem, tell
from entrypoints.settings import SettingsError
from entrypoints.version import VERSION

EXIT_CODES = """\
Exit codes: 0 done; 1 the task failed, or something that was needed (Redis, a port, a program); \
2 the command line or a setting cannot be used; 3 the service of an admin command cannot be reached, or refuses the \
token; 130 interrupted with Ctrl-C.

Settings come from the environment variables DMS_*, which the README lists."""

COMMANDS = {
    "serve": "Run the service.",
    "run": "Run one task to its end, with the whole service in this process.",
    "demo": "Move a real directory tree through the real HTTP API, and show what else the service does.",
    "register": "Write a task's record to Redis as dms-frontend does, and print its id.",
    "admin": "Look at a running service, and steer it.",
    "completion": "Print a script that completes commands and options in your shell.",
    "takeover": "Settle what the previous scheduler left behind.",
}


def main() -> None:
    """Run the command that the arguments name, and exit with its code."""
    sys.exit(call(sys.argv[1:]))


def call(arguments: Sequence[str]) -> int:
    """Run one command, and return its exit code. What the user can mend is told in one line."""
    try:
        code = make_app(arguments[:1])(list(arguments), exit_on_error=False, print_error=False)
        sys.stdout.flush()
        return int(code or ExitCode.DONE)
    except CycloptsError as error:
        tell(f"{error} Try --help.")
        return ExitCode.MISUSED
    except SettingsError as error:
        tell(str(error))
        return ExitCode.MISUSED
    except Problem as problem:
        tell(str(problem))
        return problem.code
    except KeyboardInterrupt:
        return ExitCode.INTERRUPTED
    except BrokenPipeError:
        # Whoever read our output has gone (`| head`); a second try at exit would complain.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return ExitCode.FAILED


def make_app(named: Sequence[str]) -> App:
    """Return the program. The ``named`` command describes itself; the others are not even imported."""
    app = App(
        name="dms-scheduler",
        help="Runs the data-management tasks that users submit through dms-frontend.",
        help_epilogue=EXIT_CODES,
        version=lambda: f"dms-scheduler {VERSION}",
        result_action="return_value",
        suppress_keyboard_interrupt=False,
    )
    for place, (name, summary) in enumerate(COMMANDS.items()):
        help = None if name in named else summary
        app.command(f"entrypoints.cli.{name}:{name}", help=help, sort_key=place)
    return app
