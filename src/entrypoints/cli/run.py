"""`dms-scheduler run`: one task from beginning to end, with the whole service in this process."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Annotated

from cyclopts import App, Parameter
from rich.console import Console

from domain.values import TaskStatus
from entrypoints.cli.account import invoking_account
from entrypoints.cli.embedded import EmbeddedService, embedded_service, embedded_settings
from entrypoints.cli.follow import follow
from entrypoints.cli.interrupts import Interrupts, interrupts
from entrypoints.cli.paths import real_parent_path, real_path, roots_for_copy, roots_for_removal
from entrypoints.cli.problems import ExitCode, tell
from entrypoints.cli.screen import TaskScreen, task_screen
from entrypoints.cli.service_client import Identity
from entrypoints.cli.text import record_text
from entrypoints.settings import Settings

run = App(
    name="run",
    help="""Run one task to its end: the whole service in this process, without Redis, as your own account.

Paths may be relative; symbolic links in them are resolved first. The task may touch the directories that hold SRC and \
DST, and nothing else. Ctrl-C cancels the task and waits until its work has stopped; a second Ctrl-C leaves at once. \
The log goes to stderr and the final record, in JSON, to stdout.""",
)

Options = Annotated[str, Parameter(allow_leading_hyphen=True, show_default=False)]


@run.command(sort_key=1)
def sync(src: str, dst: str, /, *, options: Options = "") -> int:
    """Make DST equal to SRC. What is in DST alone is kept, unless the options say --delete.

    Args:
        src: A directory or file.
        dst: Where its copy is to be.
        options: The task's options, as one text, such as "--delete --contents".
    """
    return _copy("sync", src, dst, options)


@run.command(sort_key=2)
def cp(src: str, dst: str, /, *, options: Options = "") -> int:
    """Copy SRC to DST; nothing is ever removed from DST.

    Args:
        src: A directory or file.
        dst: Where its copy is to be.
        options: The task's options, as one text, such as "--bwlimit 100M".
    """
    return _copy("cp", src, dst, options)


@run.command(sort_key=3)
def rm(path: str, /, *, options: Options = "") -> int:
    """Remove PATH and all that is in it. A symbolic link is not followed.

    Args:
        path: The directory or file.
        options: The task's options, as one text: "--dryrun".
    """
    real = real_parent_path("PATH", path)
    return _run("rm", {"path": real}, options, roots_for_removal(real))


def _copy(service: str, src: str, dst: str, options: str) -> int:
    source, target = real_path("SRC", src), real_path("DST", dst)
    return _run(service, {"src": source, "dst": target}, options, roots_for_copy(source, target))


def _run(service: str, parameters: dict[str, object], options: str, roots: tuple[str, ...]) -> int:
    """Run one task to its end, and return the exit code. Raises Problem, SettingsError."""
    settings = embedded_settings(roots)
    if options:
        parameters["options"] = options
    try:
        return asyncio.run(_run_task(settings, service, parameters))
    except asyncio.CancelledError:
        return ExitCode.INTERRUPTED


async def _run_task(settings: Settings, service: str, parameters: Mapping[str, object]) -> int:
    with interrupts() as ctrl_c:
        async with embedded_service(settings) as scheduler:
            task = await scheduler.register(service, invoking_account(), parameters)
            with task_screen(Console(stderr=True)) as screen:
                await _submit_and_follow(scheduler, task, parameters, screen, ctrl_c)
            record = await scheduler.record(task.task_id)
    assert record is not None, "nobody but this process could have deleted it"
    print(record_text(record))
    if record.status == TaskStatus.COMPLETED:
        return ExitCode.DONE
    return ExitCode.INTERRUPTED if ctrl_c.asked.is_set() else ExitCode.FAILED


async def _submit_and_follow(
    scheduler: EmbeddedService,
    task: Identity,
    parameters: Mapping[str, object],
    screen: TaskScreen,
    ctrl_c: Interrupts,
) -> None:
    answer = await scheduler.client.submit(task, parameters)
    if not answer.is_success:
        tell(answer.detail)
        return

    async def cancel() -> None:
        screen.say("Cancelling; Ctrl-C once more leaves without waiting.")
        cancelled = await scheduler.client.cancel(task)
        if not cancelled.is_success:
            screen.say(f"The cancel was refused: {cancelled.detail}")

    await ctrl_c.wait_for(follow(scheduler.client, task, screen), cancel)
