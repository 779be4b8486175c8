"""The scenes of the demo. Each checks what it shows, and ends the demo where anything is off."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from rich.console import Console
from rich.text import Text

from domain.values import TaskStatus
from entrypoints.cli.account import invoking_account
from entrypoints.cli.compare import Comparison, compare_trees
from entrypoints.cli.embedded import EmbeddedService
from entrypoints.cli.follow import follow, watch
from entrypoints.cli.problems import Problem
from entrypoints.cli.screen import task_screen
from entrypoints.cli.service_client import Answer, Identity
from entrypoints.cli.text import printable

SLOW = "--bwlimit 16M"
"""So slow that the cancel finds the work half done."""

DIFFERENCES_SHOWN = 10


@dataclass(slots=True)
class Tale:
    """What happened, for the explanation at the end."""

    base_url: str
    account: str
    copied: Comparison = field(default_factory=Comparison)
    seconds: float = 0.0
    cancel_line: str = ""
    refusal: str = ""

    def explanation(self) -> list[str]:
        """Return what the demo did, in 20 lines."""
        copied = self.copied
        rate = copied.bytes / 1e6 / max(self.seconds, 0.001)
        amount = (
            f"{copied.bytes / 1e6:.0f} MB: {copied.files} files, {copied.directories} directories, {copied.links} links"
        )
        return [
            f" 1. The whole service ran in this one process, on {self.base_url}. HTTP API, dispatcher, reconciler and",
            "    mover are those of `serve`; only the store was memory instead of Redis.",
            " 2. Each task was registered as dms-frontend does it (a record, status `pending`), then submitted with",
            "    POST /tasks/task over real HTTP. After the answer 202 the task was the scheduler's.",
            f" 3. A `sync` moved {amount},",
            f"    in {self.seconds:.1f} s ({rate:.0f} MB/s), with the rights of your account, {self.account}.",
            " 4. The demo then read both trees itself, file by file: names, SHA-256 of the contents, modes, owners,",
            "    times of change and targets of links are the same. So are empty directories, dangling links, and",
            "    names with line breaks, quotes and leading dashes.",
            " 5. A second `sync`, slow on purpose, was cancelled with POST /tasks/cancel while it was running.",
            "    Its mover was stopped, and the last line of its record says how far it had come:",
            f"      {self.cancel_line}",
            " 6. An operator blocked the user with POST /admin/users/…/block and the operators' token. The user's next",
            "    submit, an `rm` of the copy, was refused, and nothing was removed:",
            f"      {self.refusal}",
            "    After POST /admin/users/…/enable the same submit was accepted, and the copy was removed.",
            " 7. Each of these steps was checked and in order. The temporary directory is gone again.",
            "Next: `dms-scheduler run sync SRC DST` moves a tree of your own. `make serve` starts the service with",
            "a Redis server of its own and prints three commands for a first task. README.md tells how to run it",
            "beside dms-frontend.",
        ]


class Story:
    """Plays the scenes one after the other."""

    def __init__(self, service: EmbeddedService, place: Path, console: Console) -> None:
        self._service = service
        self._source = place / "source"
        self._copy = place / "copies" / "whole"
        self._half = place / "copies" / "half"
        self._console = console
        self._user = invoking_account()
        self._tale = Tale(service.base_url, self._user)

    async def tell(self) -> Tale:
        """Return what is to be explained. Raises :class:`Problem` where anything is off."""
        self._say(f"The service listens on {self._service.base_url} and moves data as {self._user}.")
        await self._move()
        await self._verify()
        await self._cancel()
        await self._block()
        return self._tale

    async def _move(self) -> None:
        self._say(f"\nSync {self._source} to {self._copy}:")
        began = time.monotonic()
        await self._run_to_the_end("sync", self._paths(self._copy))
        self._tale.seconds = time.monotonic() - began

    async def _verify(self) -> None:
        self._say("\nComparing both trees …")
        compared = await asyncio.to_thread(compare_trees, self._source, self._copy)
        for difference in compared.differences[:DIFFERENCES_SHOWN]:
            self._say(f"  {difference}")
        _must(not compared.differences, f"the copy differs from its source in {len(compared.differences)} ways")
        self._say(
            f"{compared.files} files, {compared.directories} directories and {compared.links} links are the same."
        )
        self._tale.copied = compared

    async def _cancel(self) -> None:
        self._say(f"\nSync to {self._half}, slowly, and cancel it:")
        task, answer = await self._submit("sync", {**self._paths(self._half), "options": SLOW})
        _must(answer.is_success, f"the submit was refused: {answer.detail}")
        await self._is_under_way(task)
        answer = await self._service.client.cancel(task)
        _must(answer.is_success, f"the cancel was refused: {answer.detail}")
        await self._follow(task, "cancelled")
        self._tale.cancel_line = printable(await self._last_line(task))

    async def _block(self) -> None:
        self._say(f"\nBlock {self._user}, and ask for an rm of the copy:")
        await self._set_block(True)
        parameters = {"path": str(self._copy)}
        task, refused = await self._submit("rm", parameters)
        self._say(f"{refused.status}: {refused.detail}")
        _must(refused.status == 403, f"a blocked submit was answered {refused.status}")
        _must(self._copy.exists(), "the copy was removed although its removal was refused")
        self._tale.refusal = f"{refused.status}: {refused.detail}"
        self._say(f"\nEnable {self._user}, and submit it again:")
        await self._set_block(False)
        answer = await self._service.client.submit(task, parameters)
        _must(answer.is_success, f"the submit was refused: {answer.detail}")
        await self._follow(task, "completed")
        _must(not self._copy.exists(), "the copy is still there although its removal completed")

    def _paths(self, target: Path) -> dict[str, object]:
        return {"src": str(self._source), "dst": str(target)}

    async def _submit(self, service: str, parameters: Mapping[str, object]) -> tuple[Identity, Answer]:
        task = await self._service.register(service, self._user, parameters)
        return task, await self._service.client.submit(task, parameters)

    async def _run_to_the_end(self, service: str, parameters: Mapping[str, object]) -> None:
        task, answer = await self._submit(service, parameters)
        _must(answer.is_success, f"the submit was refused: {answer.detail}")
        await self._follow(task, "completed")

    async def _follow(self, task: Identity, wanted: str) -> None:
        with task_screen(self._console) as screen:
            await follow(self._service.client, task, screen)
        record = await self._service.record(task.task_id)
        shown = "gone" if record is None else f"{record.status}, and {record.result.launcher_output!r}"
        _must(record is not None and record.status == wanted, f"the record should be {wanted}; it is {shown}")

    async def _is_under_way(self, task: Identity) -> None:
        async for detail in watch(self._service.client, task):
            _must(not TaskStatus(detail["status"]).is_terminal, f"the task was {detail['status']} before its cancel")
            if detail["progress"] and detail["progress"]["bytes_done"]:
                return

    async def _set_block(self, blocked: bool) -> None:
        answer = await self._service.client.block_user(self._user, blocked)
        _must(answer.is_success, f"the operator's call was refused: {answer.detail}")

    async def _last_line(self, task: Identity) -> str:
        record = await self._service.record(task.task_id)
        return record.logs[-1] if record and record.logs else ""

    def _say(self, text: str) -> None:
        self._console.print(Text(printable(text)), soft_wrap=True)


def _must(holds: bool, complaint: str) -> None:
    if not holds:
        raise Problem(f"something is off: {complaint}")
